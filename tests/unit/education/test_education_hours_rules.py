"""Study-hours rules (domain.md §2), as a table of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from education.hours.rules import (
    DEFAULT_NUMBERS,
    ReasonCode,
    RuleNumbers,
    Standing,
    add_months,
    assess,
    hours_of,
    minutes_of_half_days,
    number_problems,
)

TODAY = date(2026, 6, 1)


def codes(duty: str, *, central: int = 0, collective: int = 0, self_study: int = 0, **changes: Any) -> list[str]:
    hours = {"central": Fraction(central), "collective": Fraction(collective), "self_study": Fraction(self_study)}
    standing = Standing(duty=duty, duty_since=None, hours=hours, central_dates=())
    return [
        reason.code for reason in assess(DEFAULT_NUMBERS, replace(standing, **changes), year=2026, today=TODAY).reasons
    ]


ONE_TRAINING = {"central_dates": (date(2026, 3, 1),)}


@pytest.mark.parametrize(
    ("duty", "case", "expected"),
    [
        ("member", {"collective": 31}, ["hours-missing"]),
        ("member", {"collective": 32}, []),
        ("member", {"central": 16, "collective": 16}, []),
        ("member", {"self_study": 100}, ["hours-missing", "self-study-not-counted"]),
        ("member", {"collective": 32, "self_study": 1}, []),
        ("committee", {"collective": 56}, ["central-training-missing"]),
        ("committee", {"collective": 56, **ONE_TRAINING}, []),
        ("secretary", {"collective": 40, **ONE_TRAINING}, ["hours-missing"]),
        ("candidate", {"collective": 23}, ["hours-missing"]),
        ("candidate", {"central": 24}, []),
        ("secretary", {"collective": 56, "central_dates": (date(2025, 3, 1),)}, ["central-training-missing"]),
    ],
)
def test_targets_by_duty(duty: str, case: dict[str, Any], expected: list[str]) -> None:
    assert codes(duty, **case) == expected


@pytest.mark.parametrize(
    ("since", "trained", "expected"),
    [
        (date(2026, 3, 10), (), ReasonCode.NEW_SECRETARY_DUE),
        (date(2025, 11, 20), (), ReasonCode.NEW_SECRETARY_OVERDUE),
        (date(2026, 3, 10), (date(2026, 2, 1),), ReasonCode.NEW_SECRETARY_DUE),
        (date(2026, 3, 10), (date(2026, 4, 1),), None),
        (date(2025, 11, 20), (date(2025, 12, 1), date(2026, 2, 1)), None),
        (date(2020, 1, 1), (date(2026, 2, 1),), None),
    ],
)
def test_a_new_secretary_is_trained_within_half_a_year(
    since: date, trained: tuple[date, ...], expected: ReasonCode | None
) -> None:
    found = [
        code for code in codes("secretary", collective=56, duty_since=since, central_dates=trained) if "new" in code
    ]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("since", "trained", "expected"),
    [
        (date(2024, 11, 20), (), {2023: None, 2024: "overdue", 2025: "overdue", 2026: "overdue", 2027: "overdue"}),
        (date(2024, 11, 20), (date(2025, 9, 1),), {2024: "overdue", 2025: None, 2026: None}),
        (date(2024, 11, 20), (date(2026, 1, 5),), {2024: "overdue", 2025: "overdue", 2026: None, 2027: None}),
        (date(2024, 11, 20), (date(2025, 5, 20),), {2024: None, 2025: None, 2026: None}),
        (date(2024, 11, 20), (date(2024, 11, 19),), {2024: "overdue", 2026: "overdue"}),
        (date(2026, 6, 10), (), {2025: None, 2026: "due", 2027: "due"}),
    ],
)
def test_an_overdue_training_stays_a_reason_in_later_years_until_it_was_attended(
    since: date, trained: tuple[date, ...], expected: dict[int, str | None]
) -> None:
    found = {}
    for year in expected:
        standing = Standing("secretary", since, {}, trained)
        reasons = assess(DEFAULT_NUMBERS, standing, year=year, today=TODAY).reasons
        found[year] = next((r.code.removeprefix("new-secretary-") for r in reasons if "new" in r.code), None)
    assert found == expected


def test_a_number_changed_by_the_province_changes_the_decision() -> None:
    stricter = DEFAULT_NUMBERS.to_json()
    stricter["targets"]["member"]["hours"] = 40
    standing = Standing("member", None, {"collective": Fraction(32)}, ())
    assessment = assess(RuleNumbers.from_json(stricter), standing, year=2026, today=TODAY)
    assert assessment.missing_hours == 8


def test_self_study_counts_when_the_province_says_so() -> None:
    lenient = {**DEFAULT_NUMBERS.to_json(), "counted_columns": ["central", "collective", "self_study"]}
    standing = Standing("member", None, {"self_study": Fraction(32)}, ())
    assert assess(RuleNumbers.from_json(lenient), standing, year=2026, today=TODAY).is_met


def test_minutes_and_half_days_become_hours_by_the_policy() -> None:
    assert hours_of(60, DEFAULT_NUMBERS) == Fraction(4, 3)
    assert [minutes_of_half_days(count, DEFAULT_NUMBERS) for count in (1, 2, 3)] == [180, 360, 540]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 1, 15), 6, date(2026, 7, 15)),
        (date(2026, 10, 31), 6, date(2027, 4, 30)),
    ],
)
def test_half_a_year_later(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"minutes_per_hour": 0},
        {"minutes_per_hour": True},
        {"minutes_per_hour": "45"},
        {"counted_columns": []},
        {"counted_columns": ["holidays"]},
        {"targets": {}},
        {"targets": {"member": {"hours": -1, "central_trainings": 0}}},
    ],
)
def test_broken_numbers_are_named(broken: dict[str, Any]) -> None:
    data = {**DEFAULT_NUMBERS.to_json(), **broken} if broken else {}
    assert number_problems(data)
    with pytest.raises(ValueError, match=":"):
        RuleNumbers.from_json(data)


def test_numbers_survive_storage() -> None:
    assert RuleNumbers.from_json(DEFAULT_NUMBERS.to_json()) == DEFAULT_NUMBERS
