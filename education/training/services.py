"""Writes about training classes: confirmed attendance is central training, once a member and class."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from education.hours.rules import RuleNumbers, minutes_of_half_days
from education.hours.services import EntryDraft, current_rule, settle
from education.training.models import Enrolment


def settle_attendance(enrolment: Enrolment, *, by: User | None = None) -> None:
    """Make the ledger agree with an enrolment: attended → one entry, not attended → none (reversed if there was).

    The entry lies on the last day of the class, at the length that the year's rules give its half-days.
    """
    training_class = enrolment.training_class
    cause = f"class:{training_class.pk}:{enrolment.member.member_id}"
    with transaction.atomic():
        if not enrolment.attended:
            settle([], withdrawn_causes=[cause], reason="attendance-withdrawn", by=by)
            return
        numbers = RuleNumbers.from_json(current_rule(training_class.ends_on.year).numbers)
        draft = EntryDraft(
            member=enrolment.member,
            cause=cause,
            column="central",
            minutes=minutes_of_half_days(training_class.half_days, numbers),
            learned_on=training_class.ends_on,
            evidence={"class": training_class.pk, "title": training_class.name},
        )
        settle([draft], by=by)
