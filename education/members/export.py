"""A member's own data as one document: what is kept, and nothing that is not."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from education.classroom.models import ClassroomSession
from education.hours.models import StudyHoursEntry
from education.members.models import PartyMember
from education.members.selectors import member_document
from education.records.models import LearningRecord
from education.training.models import Enrolment


def export_document(member: PartyMember) -> dict[str, Any]:
    """Everything stored under the member's id, in plain words and raw statements."""
    return {
        "v": 1,
        "exported_at": timezone.now().isoformat(),
        "purpose": "登记学时和学习情况；只存姓名、身份和所在支部，不存电话、邮箱、民族、宗教信仰和位置。",
        "member": member_document(member),
        "hours": [_entry(entry) for entry in StudyHoursEntry.objects.filter(member=member).order_by("pk")],
        "records": [_record(record) for record in LearningRecord.objects.filter(member=member).order_by("pk")],
        "sessions": [
            {"title": session.title, "held_on": session.held_on.isoformat(), "minutes": session.minutes}
            for session in ClassroomSession.objects.filter(members=member).order_by("pk")
        ],
        "enrolments": [
            {"class": enrolment.training_class.name, "attended": enrolment.attended}
            for enrolment in Enrolment.objects.filter(member=member).select_related("training_class").order_by("pk")
        ],
    }


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
        "line": bytes(record.line).decode("utf-8", errors="replace"),
    }
