"""Reads of the study-hours ledger, with reasons in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Organisation
from education.hours.models import RuleVersion, StudyHoursEntry
from education.hours.rules import (
    COLUMNS,
    Assessment,
    Reason,
    ReasonCode,
    RuleNumbers,
    Standing,
    assess,
    hours_of,
)
from education.hours.services import current_rule
from education.members.models import PartyMember
from education.members.selectors import members_of


@dataclass(frozen=True, slots=True)
class ColumnHours:
    """One column of a member's year."""

    column: str
    label: str
    minutes: int
    hours: Decimal
    counts: bool
    """Whether the column counts towards the target."""
    share: float
    """Hours ÷ target, 0–1, for the picture; 0 without a target."""


@dataclass(frozen=True, slots=True)
class WordedReason:
    """A reason as a sentence, with the code an action can be chosen by."""

    code: str
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class HoursView:
    """A member's year as shown to the member and to the branch secretary."""

    member: PartyMember
    year: int
    columns: tuple[ColumnHours, ...]
    target_hours: int
    counted_hours: Decimal
    missing_hours: Decimal
    is_met: bool
    reasons: tuple[WordedReason, ...]
    rule_version: int

    @property
    def target(self) -> int:
        """Hours the duty needs this year."""
        return self.target_hours

    @property
    def missing(self) -> Decimal:
        """Hours still missing; 0 when the target is reached."""
        return self.missing_hours


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A member who lacks something, and why."""

    member: PartyMember
    hours: HoursView

    @property
    def reasons(self) -> tuple[WordedReason, ...]:
        return self.hours.reasons

    @property
    def needs_code(self) -> bool:
        """Whether the member never signed in, so that a printed code is what helps."""
        return any(reason.code == ReasonCode.NOT_SIGNED_IN for reason in self.reasons)


def member_hours(member: PartyMember, year: int, *, today: date | None = None) -> HoursView:
    """One member's hours by column, with target and what is missing."""
    return hours_of_members([member], year, today=today)[0]


def branch_shortfalls(branch: Organisation, year: int, *, today: date | None = None) -> list[Shortfall]:
    """Who in a branch lacks hours and why, by name: a list to act on, never a ranking."""
    return shortfalls(hours_of_members(list(members_of(branch)), year, today=today))


def shortfalls(views: Iterable[HoursView]) -> list[Shortfall]:
    """Those among the views who lack something, in the order given."""
    return [Shortfall(view.member, view) for view in views if not view.is_met]


def hours_of_members(members: Sequence[PartyMember], year: int, *, today: date | None = None) -> list[HoursView]:
    """Hours of several members in three queries, in the order given."""
    today = today or timezone.localdate()
    rule = current_rule(year)
    numbers = RuleNumbers.from_json(rule.numbers)
    totals = _totals(members, year)
    central_dates = _central_dates(members)
    return [
        _view(member, year, rule, numbers, totals[member.pk], central_dates[member.pk], today) for member in members
    ]


_Totals = dict[str, tuple[int, Fraction]]


def _totals(members: Iterable[PartyMember], year: int) -> defaultdict[int, _Totals]:
    """{member: {column: (minutes, hours)}}, each entry converted by the version it was written under."""
    rows = (
        StudyHoursEntry.objects.filter(member__in=members, year=year)
        .values_list("member_id", "column", "rule_version_id")
        .annotate(minutes=Sum("minutes"))
        .order_by()
    )
    numbers_of = {rule.pk: RuleNumbers.from_json(rule.numbers) for rule in RuleVersion.objects.filter(year=year)}
    totals: defaultdict[int, _Totals] = defaultdict(dict)
    for member, column, rule, minutes in rows:
        before_minutes, before_hours = totals[member].get(column, (0, Fraction(0)))
        totals[member][column] = (before_minutes + minutes, before_hours + hours_of(minutes, numbers_of[rule]))
    return totals


def _central_dates(members: Iterable[PartyMember]) -> defaultdict[int, list[date]]:
    dates: defaultdict[int, list[date]] = defaultdict(list)
    standing = StudyHoursEntry.objects.filter(
        member__in=members, column=StudyHoursEntry.Column.CENTRAL, reverses=None, reversal=None
    )
    for member, day in standing.values_list("member_id", "learned_on"):
        dates[member].append(day)
    return dates


def _view(
    member: PartyMember,
    year: int,
    rule: RuleVersion,
    numbers: RuleNumbers,
    totals: _Totals,
    central_dates: list[date],
    today: date,
) -> HoursView:
    standing = Standing(
        duty=member.duty,
        duty_since=member.duty_since,
        hours={column: hours for column, (_minutes, hours) in totals.items()},
        central_dates=tuple(central_dates),
    )
    assessment = assess(numbers, standing, year=year, today=today)
    return HoursView(
        member=member,
        year=year,
        columns=tuple(_column(column, totals, numbers, assessment) for column in COLUMNS),
        target_hours=assessment.target_hours,
        counted_hours=_shown(assessment.counted_hours),
        missing_hours=_shown_up(assessment.missing_hours),
        is_met=assessment.is_met,
        reasons=tuple(WordedReason(reason.code, reason_words(reason)) for reason in _reasons(member, assessment)),
        rule_version=rule.version,
    )


def _column(column: str, totals: _Totals, numbers: RuleNumbers, assessment: Assessment) -> ColumnHours:
    minutes, hours = totals.get(column, (0, Fraction(0)))
    share = float(hours / assessment.target_hours) if assessment.target_hours else 0.0
    return ColumnHours(
        column=column,
        label=str(StudyHoursEntry.Column(column).label),
        minutes=minutes,
        hours=_shown(hours),
        counts=column in numbers.counted_columns,
        share=min(max(share, 0.0), 1.0),
    )


def _reasons(member: PartyMember, assessment: Assessment) -> list[Reason]:
    reasons = list(assessment.reasons)
    if reasons and (member.user is None or member.user.last_login is None):
        reasons.append(Reason(ReasonCode.NOT_SIGNED_IN))
    return reasons


def reason_words(reason: Reason) -> str:
    """A reason as one sentence for a person."""
    due = date_format(reason.due, _("Y年n月j日")) if reason.due else ""
    hours = str(_shown_up(reason.hours)) if reason.hours is not None else ""
    match reason.code:
        case ReasonCode.HOURS_MISSING:
            return _("集中培训和集体学习还差 %(hours)s 学时。") % {"hours": hours}
        case ReasonCode.CENTRAL_TRAINING_MISSING:
            return _("今年还要参加 %(count)s 次集中培训。") % {"count": reason.count}
        case ReasonCode.NEW_SECRETARY_DUE:
            return _("新任书记要在 %(due)s 前参加一次集中培训。") % {"due": due}
        case ReasonCode.NEW_SECRETARY_OVERDUE:
            return _("新任书记应在 %(due)s 前参加集中培训，已经过期，请尽快安排。") % {"due": due}
        case ReasonCode.SELF_STUDY_NOT_COUNTED:
            return _("另有自学 %(hours)s 学时，单独列出，不计入规定学时。") % {
                "hours": _shown(reason.hours or Fraction(0))
            }
        case ReasonCode.NOT_SIGNED_IN:
            return _("还没有用激活码登录过，自学记录交不上来。")


def _shown(hours: Fraction) -> Decimal:
    """One decimal, rounded down: 31.96 must not look like 32."""
    return (Decimal(hours.numerator) / Decimal(hours.denominator)).quantize(Decimal("0.1"), rounding=ROUND_DOWN)


def _shown_up(hours: Fraction) -> Decimal:
    """One decimal, rounded up: something missing must not look like nothing."""
    tenths = -(-hours.numerator * 10 // hours.denominator)
    return Decimal(tenths) / 10
