"""Writes to the study-hours ledger. Everything here is idempotent by key and never edits a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.models import User
from education.hours.errors import AlreadyReversed, InvalidDuration, InvalidRuleNumbers, KeyUsedForAnotherEntry
from education.hours.models import RuleVersion, StudyHoursEntry
from education.hours.rules import DEFAULT_NUMBERS, RuleNumbers, number_problems
from education.members.models import PartyMember

MOST_MINUTES = 60 * 24 * 31
"""No single entry is longer than a month of days."""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry that should stand in the ledger because of `cause`."""

    member: PartyMember
    cause: str
    column: str
    minutes: int
    learned_on: date
    evidence: dict[str, Any] = field(default_factory=dict)


def current_rule(year: int) -> RuleVersion:
    """The newest rule version of a year.

    A year without one starts with the newest numbers of the last year that has some, else with the defaults.
    """
    rule = RuleVersion.objects.filter(year=year).order_by("-version").first()
    if rule is not None:
        return rule
    earlier = RuleVersion.objects.filter(year__lt=year).order_by("-year", "-version").first()
    numbers = earlier.numbers if earlier else DEFAULT_NUMBERS.to_json()
    rule, _ = RuleVersion.objects.get_or_create(year=year, version=1, defaults={"numbers": numbers})
    return rule


def adopt_rule(*, year: int, numbers: dict[str, Any], adopted_by: User | None) -> RuleVersion:
    """Store the next version of a year's numbers; the earlier ones stay as they are.

    Raises `InvalidRuleNumbers` naming every problem.
    """
    problems = number_problems(numbers)
    if problems:
        raise InvalidRuleNumbers(problems="; ".join(problems))
    stored = RuleNumbers.from_json(numbers).to_json()
    with transaction.atomic():
        newest = RuleVersion.objects.filter(year=year).aggregate(Max("version"))["version__max"] or 0
        return RuleVersion.objects.create(year=year, version=newest + 1, numbers=stored, adopted_by=adopted_by)


def post_entry(
    *,
    member: PartyMember,
    column: str,
    minutes: int,
    learned_on: date,
    idempotency_key: str,
    evidence: dict[str, Any] | None = None,
    recorded_by: User | None = None,
) -> StudyHoursEntry:
    """Add one entry, exactly once per key; a second call with the same content returns the first entry.

    Raises `InvalidDuration` for minutes outside 1–`MOST_MINUTES`, and `KeyUsedForAnotherEntry` when the key
    already stands for another member, column, length or day.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise InvalidDuration(most=MOST_MINUTES)
    wanted = {"column": column, "minutes": minutes, "learned_on": learned_on, "member_id": member.pk}
    rule = current_rule(learned_on.year)
    try:
        with transaction.atomic():
            return StudyHoursEntry.objects.create(
                **wanted,
                year=learned_on.year,
                rule_version=rule,
                cause=idempotency_key,
                idempotency_key=idempotency_key,
                evidence=evidence or {},
                recorded_by=recorded_by,
            )
    except IntegrityError:
        existing = StudyHoursEntry.objects.filter(idempotency_key=idempotency_key).first()
        if existing is None:
            raise
    if any(getattr(existing, name) != value for name, value in wanted.items()):
        raise KeyUsedForAnotherEntry
    return existing


def reverse_entry(entry: StudyHoursEntry, *, reason: str, recorded_by: User | None = None) -> StudyHoursEntry:
    """Add the reversal of an entry; raises `AlreadyReversed` when it has one or is one itself."""
    if entry.reverses_id is not None:
        raise AlreadyReversed
    reversal = _reversal_of(entry, reason, recorded_by)
    try:
        with transaction.atomic():
            reversal.save()
    except IntegrityError as error:
        raise AlreadyReversed from error
    return reversal


def settle(
    drafts: Sequence[EntryDraft], *, withdrawn_causes: Iterable[str] = (), reason: str = "", by: User | None = None
) -> int:
    """Make the ledger agree with what is known: each draft's cause stands exactly once, withdrawn causes not at all.

    A cause that stands already is left alone, whatever its length; one that was reversed is entered again under a
    numbered key. Returns how many entries were added, reversals included. Three queries, however many drafts.
    """
    wanted = {draft.cause: draft for draft in drafts}
    withdrawn = set(withdrawn_causes) - set(wanted)
    if not wanted and not withdrawn:
        return 0
    with transaction.atomic():
        entries = StudyHoursEntry.objects.filter(cause__in=[*wanted, *withdrawn], reverses=None)
        standing: dict[str, StudyHoursEntry] = {}
        times_entered: dict[str, int] = {}
        for entry in entries.select_related("reversal"):
            times_entered[entry.cause] = times_entered.get(entry.cause, 0) + 1
            if not hasattr(entry, "reversal"):
                standing[entry.cause] = entry
        added = [_reversal_of(standing[cause], reason, by) for cause in sorted(withdrawn) if cause in standing]
        rules: dict[int, RuleVersion] = {}
        for cause, draft in wanted.items():
            if cause in standing:
                continue
            year = draft.learned_on.year
            rule = rules[year] if year in rules else rules.setdefault(year, current_rule(year))
            added.append(_entry_of(draft, rule, times_entered.get(cause, 0), by))
        StudyHoursEntry.objects.bulk_create(added, ignore_conflicts=True)
    return len(added)


def _entry_of(draft: EntryDraft, rule: RuleVersion, times_before: int, by: User | None) -> StudyHoursEntry:
    key = f"{draft.cause}#{times_before + 1}" if times_before else draft.cause
    return StudyHoursEntry(
        member=draft.member,
        column=draft.column,
        minutes=draft.minutes,
        learned_on=draft.learned_on,
        year=draft.learned_on.year,
        rule_version=rule,
        cause=draft.cause,
        idempotency_key=key,
        evidence=draft.evidence,
        recorded_by=by,
    )


def _reversal_of(entry: StudyHoursEntry, reason: str, by: User | None) -> StudyHoursEntry:
    return StudyHoursEntry(
        member_id=entry.member_id,
        column=entry.column,
        minutes=-entry.minutes,
        learned_on=entry.learned_on,
        year=entry.year,
        rule_version_id=entry.rule_version_id,
        cause=entry.cause,
        idempotency_key=f"reversal:{entry.pk}",
        evidence={"reason": reason},
        reverses=entry,
        recorded_by=by,
    )
