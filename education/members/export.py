"""A member's own data as one document: what is kept, and nothing that is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import AccountEvent, ActivationCode, RoleAssignment
from education.classroom.models import ClassroomSession
from education.hours.models import StudyHoursEntry
from education.members.models import PartyMember
from education.members.selectors import member_document
from education.records.decisions import decision_document
from education.records.models import LearningRecord
from education.training.models import Enrolment

Section = Callable[[PartyMember], Any]
_sections: dict[str, Section] = {}


def register_section(name: str, read: Section) -> None:
    """Let a higher layer add what it keeps of a member."""
    _sections[name] = read


def export_document(member: PartyMember) -> dict[str, Any]:
    """Everything stored under the member's id and account, in plain words and raw statements."""
    return {
        "v": 2,
        "exported_at": timezone.now().isoformat(),
        "purpose": "登记学时和学习情况；只存姓名、身份和所在支部，不存电话、邮箱、民族、宗教信仰和位置。",
        "member": member_document(member),
        "hours": [_entry(entry) for entry in StudyHoursEntry.objects.filter(member=member).order_by("pk")],
        "records": [
            _record(record)
            for record in LearningRecord.objects.filter(member=member).select_related("decision__by").order_by("pk")
        ],
        "sessions": [
            {"title": session.title, "held_on": session.held_on.isoformat(), "minutes": session.minutes}
            for session in ClassroomSession.objects.filter(members=member).order_by("pk")
        ],
        "enrolments": [
            {"class": enrolment.training_class.name, "attended": enrolment.attended}
            for enrolment in Enrolment.objects.filter(member=member).select_related("training_class").order_by("pk")
        ],
        "roles": _roles(member),
        "account_events": _events(member),
        "activation_codes": _codes(member),
        **{name: read(member) for name, read in _sections.items()},
    }


def _roles(member: PartyMember) -> list[dict[str, Any]]:
    held = RoleAssignment.objects.filter(user=member.user_id).select_related("organisation").order_by("pk")
    return [{"role": role.get_role_display(), "organisation": role.organisation.name} for role in held]


def _events(member: PartyMember) -> list[dict[str, Any]]:
    """The log of the account; the log names no row, so a member without an account has none."""
    if member.user_id is None:
        return []
    return [
        {
            "at": event.at.isoformat(),
            "kind": event.get_kind_display(),
            "role": event.role,
            "organisation": event.organisation,
            "by": event.by,
        }
        for event in AccountEvent.objects.filter(account_id=member.user_id).order_by("pk")
    ]


def _codes(member: PartyMember) -> list[dict[str, Any]]:
    """When cards were printed and used; of the code itself nothing is kept but a keyed digest."""
    return [
        {
            "created_at": code.created_at.isoformat(),
            "expires_at": code.expires_at.isoformat(),
            "used_at": code.used_at.isoformat() if code.used_at else None,
            "withdrawn_at": code.withdrawn_at.isoformat() if code.withdrawn_at else None,
        }
        for code in ActivationCode.objects.filter(user=member.user_id).order_by("pk")
    ]


def _entry(entry: StudyHoursEntry) -> dict[str, Any]:
    return {
        "column": entry.get_column_display(),
        "minutes": entry.minutes,
        "learned_on": entry.learned_on.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "evidence": entry.evidence,
        "is_reversal": entry.reverses_id is not None,
    }


def _record(record: LearningRecord) -> dict[str, Any]:
    return {
        "received_at": record.received_at.isoformat(),
        "status": record.get_status_display(),
        "reason": record.reason,
        "review": decision_document(record),
        "line": bytes(record.line).decode("utf-8", errors="replace"),
    }
