"""Rules of the organisation tree and of the lockout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.rules import ACCOUNT_POLICY, Failures, after_failure, may_contain

NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parent", "child", "allowed"),
    [
        (None, "province", True),
        (None, "branch", False),
        ("province", "prefecture", True),
        ("county", "branch", True),
        ("branch", "branch", False),
        ("township", "county", False),
        ("province", "province", False),
    ],
)
def test_a_level_lies_below_a_higher_one(parent: str | None, child: str, allowed: bool) -> None:
    assert may_contain(parent, child) is allowed


def failed(times: int, *, every: timedelta = timedelta(seconds=1)) -> Failures:
    state = Failures()
    for number in range(times):
        state = after_failure(state, NOW + number * every, ACCOUNT_POLICY)
    return state


def test_four_failures_do_not_lock_and_the_fifth_does() -> None:
    assert not failed(4).is_locked(NOW)
    assert failed(5).is_locked(NOW + timedelta(minutes=14))


def test_a_lock_ends_by_itself_and_the_count_starts_again() -> None:
    locked = failed(5)
    later = NOW + timedelta(minutes=16)
    assert not locked.is_locked(later)
    assert after_failure(locked, later, ACCOUNT_POLICY).count == 1


def test_slow_failures_never_lock() -> None:
    assert not failed(50, every=timedelta(minutes=16)).is_locked(NOW + timedelta(minutes=50 * 16))
