"""Pure rules of accounts: which organisation may lie below which, and when a log-in is locked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LEVELS = ("province", "prefecture", "county", "township", "branch")
"""From the top down."""


def may_contain(parent_level: str | None, child_level: str) -> bool:
    """Whether an organisation of `child_level` may lie directly below one of `parent_level` (None: the root).

    Levels may be left out — an enterprise's branch may hang on the county — but never reversed. Only a
    province stands alone, and a branch has nothing below it.
    """
    if parent_level is None:
        return child_level == LEVELS[0]
    return LEVELS.index(child_level) > LEVELS.index(parent_level)


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """After `failures` within `window`, log-in is refused for `lock`."""

    failures: int
    window: timedelta
    lock: timedelta


ACCOUNT_POLICY = LockoutPolicy(failures=5, window=timedelta(minutes=15), lock=timedelta(minutes=15))
ADDRESS_POLICY = LockoutPolicy(failures=30, window=timedelta(minutes=15), lock=timedelta(minutes=15))
"""A township's computers share one address, so it may fail more often than one account."""
CODE_POLICY = LockoutPolicy(failures=100, window=timedelta(minutes=15), lock=timedelta(minutes=15))
"""Codes typed at one address: a carrier puts thousands of phones behind one, and 75 random bits bear many guesses."""
DEVICE_POLICY = LockoutPolicy(failures=10, window=timedelta(minutes=15), lock=timedelta(minutes=15))
"""A device that signed in to the account before: neither strangers nor neighbours can lock it out."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed log-ins counted so far for one key."""

    count: int = 0
    first_at: datetime | None = None
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


def after_failure(state: Failures, now: datetime, policy: LockoutPolicy) -> Failures:
    """The state after one more failure. A count older than the window, or a lock that ended, starts again."""
    is_stale = state.first_at is None or now - state.first_at > policy.window
    lock_ended = state.locked_until is not None and now >= state.locked_until
    if is_stale or lock_ended:
        state = Failures(first_at=now)
    state = replace(state, count=state.count + 1)
    if state.count >= policy.failures:
        state = replace(state, locked_until=now + policy.lock)
    return state
