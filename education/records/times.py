"""The true time of a record: pure (offline.md §5: "never refuse a record for its time").

A phone that was months away may have any clock. The raw clock is kept in the record; the true time lies
between what is known for certain: not before the device existed, not after the server received the record
— or any later record of the same chain, for a chain only grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=10)
"""A clock that is ahead by less is taken as right (and cut off at the receipt)."""

LONGEST_RUN_MS = 2**45
"""Offsets beyond (about a thousand years) are noise."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a record says about its time."""

    raw: datetime | None
    """The device's clock; None when it could not be read."""
    offset_ms: int | None = None
    """Monotonic milliseconds since an unknown start that one epoch shares."""


def bound_times(clocks: Sequence[Clock], *, earliest: datetime | None, latest: datetime) -> list[datetime]:
    """The true times of records in chain order.

    A clock inside the bounds is believed. One outside takes the nearest believed neighbour of the chain and
    adds the monotonic difference; without such a neighbour it lies at the bound it crossed.
    """
    believed = [_is_plausible(clock.raw, earliest, latest) for clock in clocks]
    if all(believed):
        return [min(clock.raw, latest) for clock in clocks if clock.raw is not None]
    neighbours = _nearest_believed(believed)
    return [
        _clamp(clock.raw, earliest, latest)
        if neighbour is None
        else _clamp(_measured_from(clocks[neighbour], clock, is_later=place > neighbour), earliest, latest)
        for place, (clock, neighbour) in enumerate(zip(clocks, neighbours, strict=True))
    ]


def _is_plausible(raw: datetime | None, earliest: datetime | None, latest: datetime) -> bool:
    return raw is not None and raw <= latest + TOLERANCE and (earliest is None or raw >= earliest - TOLERANCE)


def _clamp(moment: datetime | None, earliest: datetime | None, latest: datetime) -> datetime:
    if moment is None or moment > latest:
        return latest
    return earliest if earliest is not None and moment < earliest else moment


def _measured_from(base: Clock, own: Clock, *, is_later: bool) -> datetime | None:
    """The neighbour's clock plus the monotonic difference, when that runs in the direction of the chain."""
    if base is own or base.raw is None or base.offset_ms is None or own.offset_ms is None:
        return base.raw
    difference = own.offset_ms - base.offset_ms
    if abs(difference) >= LONGEST_RUN_MS or (difference >= 0) != is_later:
        return base.raw
    try:
        return base.raw + timedelta(milliseconds=difference)
    except OverflowError:
        return base.raw


def _nearest_believed(believed: Sequence[bool]) -> list[int | None]:
    """For each place: itself if believed, else the nearest believed before it, else the first believed one."""
    nearest: list[int | None] = []
    last = next((place for place, is_believed in enumerate(believed) if is_believed), None)
    for place, is_believed in enumerate(believed):
        last = place if is_believed else last
        nearest.append(last)
    return nearest
