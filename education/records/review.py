"""Deciding about a record in quarantine (docs/spec/record-sync.md §4.9).

The record stays as it is. An accepted one is counted by the fold and the ledger as any other; a rejected one leaves
the queue and counts for nothing.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from education.members.models import PartyMember
from education.records.decisions import Decision, already_decided, check_may_decide, checked_reason
from education.records.errors import NotAcceptable, NothingToDecide
from education.records.fold import COMPLETED
from education.records.materials import known_materials
from education.records.models import LearningRecord, RecordDecision
from education.records.services import credit_materials
from education.records.statements import read_line


def decide_record(record: LearningRecord, *, outcome: str, why: str, by: User) -> RecordDecision:
    """Accept or reject a record in quarantine, once: the same decision again gives the first one back.

    Raises `WhyMissing`, `accounts.errors.NotPermitted`, `AlreadyDecided`, `NothingToDecide` or `NotAcceptable`.
    """
    words = checked_reason(why)
    with transaction.atomic():
        member = PartyMember.objects.select_for_update(of=("self",)).select_related("branch").get(pk=record.member_id)
        check_may_decide(by, member.branch)
        fresh = LearningRecord.objects.select_for_update().get(pk=record.pk)
        earlier = RecordDecision.objects.filter(record=fresh).select_related("by").first()
        if earlier is not None and already_decided(earlier, outcome):
            return earlier
        if fresh.status != LearningRecord.Status.QUARANTINED:
            raise NothingToDecide
        if outcome == Decision.Outcome.ACCEPTED:
            _check_acceptable(fresh, member)
        decision = RecordDecision.objects.create(record=fresh, outcome=outcome, why=words, by=by)
        if outcome == Decision.Outcome.ACCEPTED and fresh.verb == COMPLETED and fresh.material_id:
            credit_materials(member, {fresh.material_id}, by=by)
    return decision


def _check_acceptable(record: LearningRecord, member: PartyMember) -> None:
    """What two lines claim, a person can tell apart; what is no statement of this member, nobody can."""
    reading = read_line(bytes(record.line), member_name=str(member.member_id), sequence=record.sequence)
    if reading.reason is not None:
        raise NotAcceptable(why="内容无法识别，或者不是本人的记录", why_en="it is no statement of this member")
    if record.material_id is None or record.material_id not in known_materials({record.material_id}):
        raise NotAcceptable(
            why="学习内容还没有发布，发布后会自动入账",
            why_en="its material was never published; it is taken in by itself once that is",
        )
