"""Study-hours rules: pure, no I/O, no clock (domain.md §2).

Every number is a field of `RuleNumbers`, stored by year as a rule version and editable by a province
administrator; nothing here is a constant of law. The ledger keeps minutes; hours are derived with the
numbers of the version under which each entry was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

COLUMNS = ("central", "collective", "self_study")
DUTIES = ("member", "committee", "secretary", "candidate")


@dataclass(frozen=True, slots=True)
class Target:
    """What one duty needs in a year."""

    hours: int
    central_trainings: int = 0


@dataclass(frozen=True, slots=True)
class RuleNumbers:
    """The numbers of one rule version."""

    minutes_per_hour: int
    """Minutes that make one study hour (学时)."""
    half_day_hours: int
    """Study hours of half a day of training."""
    day_hours: int
    """Study hours of a day of training."""
    new_secretary_months: int
    """A new secretary attends central training within so many months of taking the post."""
    counted_columns: tuple[str, ...]
    """Columns that count towards the target; the others are shown beside it."""
    targets: Mapping[str, Target]
    """By duty."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read stored numbers; raises ValueError naming every problem at once."""
        problems = number_problems(data)
        if problems:
            raise ValueError("; ".join(problems))
        return cls(
            minutes_per_hour=data["minutes_per_hour"],
            half_day_hours=data["half_day_hours"],
            day_hours=data["day_hours"],
            new_secretary_months=data["new_secretary_months"],
            counted_columns=tuple(data["counted_columns"]),
            targets={duty: Target(**data["targets"][duty]) for duty in DUTIES},
        )

    def to_json(self) -> dict[str, Any]:
        """The stored form; `from_json` reads it back."""
        data = asdict(self)
        data["counted_columns"] = list(self.counted_columns)
        data["targets"] = {duty: asdict(target) for duty, target in self.targets.items()}
        return data


DEFAULT_NUMBERS = RuleNumbers(
    minutes_per_hour=45,
    half_day_hours=4,
    day_hours=8,
    new_secretary_months=6,
    counted_columns=("central", "collective"),
    targets={
        "member": Target(hours=32),
        "committee": Target(hours=56, central_trainings=1),
        "secretary": Target(hours=56, central_trainings=1),
        "candidate": Target(hours=24),
    },
)
"""What a year starts with until somebody adopts a version of it."""


def number_problems(data: Mapping[str, Any]) -> list[str]:
    """Every reason why `data` is no set of rule numbers, each as "field: what is expected"."""
    problems = [
        f"{name}: {least}–{most}"
        for name, least, most in (
            ("minutes_per_hour", 1, 240),
            ("half_day_hours", 1, 24),
            ("day_hours", 1, 24),
            ("new_secretary_months", 1, 24),
        )
        if not _is_whole(data.get(name), least, most)
    ]
    columns = data.get("counted_columns")
    if not isinstance(columns, list | tuple) or not columns or not set(columns) <= set(COLUMNS):
        problems.append("counted_columns: " + ", ".join(COLUMNS))
    targets = data.get("targets")
    for duty in DUTIES:
        target = targets.get(duty) if isinstance(targets, Mapping) else None
        if not isinstance(target, Mapping) or set(target) != {"hours", "central_trainings"}:
            problems.append(f"targets.{duty}: hours, central_trainings")
        elif not _is_whole(target["hours"], 0, 2000) or not _is_whole(target["central_trainings"], 0, 50):
            problems.append(f"targets.{duty}: 0–2000, 0–50")
    return problems


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def hours_of(minutes: int, numbers: RuleNumbers) -> Fraction:
    """Study hours of so many minutes, exact."""
    return Fraction(minutes, numbers.minutes_per_hour)


def minutes_of_half_days(half_days: int, numbers: RuleNumbers) -> int:
    """Minutes to enter for a training of so many half-days: whole days first, then a half one."""
    days, half = divmod(half_days, 2)
    return (days * numbers.day_hours + half * numbers.half_day_hours) * numbers.minutes_per_hour


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


class ReasonCode(StrEnum):
    """Why a member is short of the target."""

    HOURS_MISSING = "hours-missing"
    CENTRAL_TRAINING_MISSING = "central-training-missing"
    NEW_SECRETARY_DUE = "new-secretary-due"
    NEW_SECRETARY_OVERDUE = "new-secretary-overdue"
    SELF_STUDY_NOT_COUNTED = "self-study-not-counted"
    NOT_SIGNED_IN = "not-signed-in"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with the numbers its sentence needs."""

    code: ReasonCode
    hours: Fraction | None = None
    count: int | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of one member in one year."""

    duty: str
    duty_since: date | None
    hours: Mapping[str, Fraction]
    """By column; a column without entries may be absent."""
    central_dates: tuple[date, ...]
    """Days of central trainings that stand (not reversed), one each, of every year."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """The decision about one member and year."""

    target_hours: int
    counted_hours: Fraction
    missing_hours: Fraction
    reasons: tuple[Reason, ...]

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing; a deadline that has not come yet is a reason, hence not met."""
        return not self.reasons


def assess(numbers: RuleNumbers, standing: Standing, *, year: int, today: date) -> Assessment:
    """Compare a member's year with the target of the duty."""
    target = numbers.targets[standing.duty]
    counted = sum((standing.hours.get(column, Fraction(0)) for column in numbers.counted_columns), Fraction(0))
    missing = max(Fraction(target.hours) - counted, Fraction(0))
    reasons: list[Reason] = []
    if missing:
        reasons.append(Reason(ReasonCode.HOURS_MISSING, hours=missing))
    trainings_missing = target.central_trainings - sum(day.year == year for day in standing.central_dates)
    if trainings_missing > 0:
        reasons.append(Reason(ReasonCode.CENTRAL_TRAINING_MISSING, count=trainings_missing))
    due = _new_secretary_due(numbers, standing, year=year)
    if due is not None:
        code = ReasonCode.NEW_SECRETARY_OVERDUE if today > due else ReasonCode.NEW_SECRETARY_DUE
        reasons.append(Reason(code, due=due))
    self_study = standing.hours.get("self_study", Fraction(0))
    if missing and self_study > 0 and "self_study" not in numbers.counted_columns:
        reasons.append(Reason(ReasonCode.SELF_STUDY_NOT_COUNTED, hours=self_study))
    return Assessment(target.hours, counted, missing, tuple(reasons))


def _new_secretary_due(numbers: RuleNumbers, standing: Standing, *, year: int) -> date | None:
    """The day by which a new secretary was or is to attend central training; None when nothing is due.

    From the year of taking the post the duty stands until it is met, late or not; a training after the year that is
    looked at does not mend that year, unless it was still in time.
    """
    if standing.duty != "secretary" or standing.duty_since is None or year < standing.duty_since.year:
        return None
    due = add_months(standing.duty_since, numbers.new_secretary_months)
    last = max(due, date(year, 12, 31))
    if any(standing.duty_since <= day <= last for day in standing.central_dates):
        return None
    return due
