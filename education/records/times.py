"""The true time of a record: pure (offline.md §5: "never refuse a record for its time").

A phone that was months away may have any clock. The raw clock is kept in the record; the true time is bounded by
what is certain: not before the account existed or the material was published, not after the server received the
record — nor outside those bounds of its neighbours, for a chain only grows. The times of a chain are a function of
the *set* of its records, so that it does not matter in which bundles they came.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=10)
"""A clock that is ahead by less is taken as right (and cut off at the receipt)."""

LONGEST_RUN_MS = 2**45
"""Offsets beyond (about a thousand years) are noise."""

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """What a record says about its time."""

    raw: datetime | None
    """The device's clock; None when it could not be read."""
    offset_ms: int | None = None
    """Monotonic milliseconds since an unknown start that one epoch shares."""


@dataclass(frozen=True, slots=True)
class Link:
    """A record of a chain: its clock, and the bounds that hold for it alone."""

    clock: Clock
    earliest: datetime | None
    latest: datetime

    @property
    def is_believed(self) -> bool:
        """Whether the clock lies inside the record's own bounds."""
        raw = self.clock.raw
        if raw is None or raw > self.latest + TOLERANCE:
            return False
        return self.earliest is None or raw >= self.earliest - TOLERANCE

    @property
    def said(self) -> datetime:
        """The clock, cut off at the receipt; without one the receipt."""
        return min(self.clock.raw or self.latest, self.latest)


def bound_times(chain: Sequence[Link]) -> list[datetime]:
    """The true times of all records of a chain, in chain order.

    A believed clock stands. Another takes the nearest believed neighbour and adds the monotonic difference. In a
    chain without a believed clock the last record was made when it was received, and the others lie as far before
    it as the offsets, or the wrong clock itself, say: a clock that was set wrong still runs.
    """
    lower = list(itertools.accumulate((link.earliest or _EVER for link in chain), max))
    upper = list(itertools.accumulate((link.latest for link in reversed(chain)), min))[::-1]
    neighbours = _nearest_believed([link.is_believed for link in chain])
    times = []
    for place, (link, neighbour) in enumerate(zip(chain, neighbours, strict=True)):
        if place == neighbour:
            times.append(link.said)
            continue
        moment = (
            _before_the_end(chain[-1], link)
            if neighbour is None
            else _from_neighbour(chain[neighbour], link, is_later=place > neighbour)
        )
        times.append(min(max(moment, lower[place]), upper[place]))
    return times


def _before_the_end(last: Link, own: Link) -> datetime:
    passed = _run(own.clock, last.clock)
    if passed is None and own.clock.raw is not None and last.clock.raw is not None:
        passed = max(last.clock.raw - own.clock.raw, timedelta(0))
    return _moved(last.latest, -passed) if passed is not None else last.latest


def _from_neighbour(base: Link, own: Link, *, is_later: bool) -> datetime:
    passed = _run(base.clock, own.clock) if is_later else _run(own.clock, base.clock)
    if passed is None:
        return base.said
    return _moved(base.said, passed if is_later else -passed)


def _run(first: Clock, second: Clock) -> timedelta | None:
    """The monotonic time from the first to the second, when it runs in the direction of the chain."""
    if first.offset_ms is None or second.offset_ms is None:
        return None
    passed = second.offset_ms - first.offset_ms
    return timedelta(milliseconds=passed) if 0 <= passed < LONGEST_RUN_MS else None


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _nearest_believed(believed: Sequence[bool]) -> list[int | None]:
    """For each place: itself if believed, else the nearest believed before it, else the first believed one."""
    nearest: list[int | None] = []
    last = next((place for place, is_believed in enumerate(believed) if is_believed), None)
    for place, is_believed in enumerate(believed):
        last = place if is_believed else last
        nearest.append(last)
    return nearest
