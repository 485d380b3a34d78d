"""Which videos a newer ladder is worth, and when one of them may start: decisions as values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

AT_ONCE = 1
"""Re-encodes at the same time on all machines together: the rest of the processors is for uploads."""
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""When a job that waits for its turn is dispatched: the sweeper, too, leaves one whose dispatch is not long past."""
PATIENCE = timedelta(seconds=3)
"""An idle worker takes an upload within a second; one that has waited for longer finds none."""
_ENDED = frozenset({"published", "failed", "cancelled"})


class Want(Enum):
    """What a video needs when everything is to be encoded again."""

    LEAVE = "leave"
    REQUEST = "request"
    RETRY = "retry"


def is_waiting(dispatched_at: datetime | None) -> bool:
    """Whether an unfinished job waits for its turn in the background."""
    return dispatched_at is not None and dispatched_at >= NEVER


def decide_want(state: str, version: str, *, current: str, only_failed: bool = False) -> Want:
    """What to do about a video whose newest job has that state and ladder.

    One that still runs is left alone: it is looked at again when somebody asks the next time.
    """
    if state not in _ENDED or (only_failed and state != "failed"):
        return Want.LEAVE
    if version != current:
        return Want.REQUEST
    return Want.RETRY if only_failed else Want.LEAVE


def decide_start(waiting: Sequence[int], *, uploads: int, at_work: int, at_once: int = AT_ONCE) -> Sequence[int]:
    """Which of the waiting re-encodes start now.

    Args:
        waiting: ids, the next one first.
        uploads: unfinished jobs of videos that nobody can see yet; they come before any re-encode.
        at_work: re-encodes that have started and not ended.
    """
    return () if uploads else waiting[: max(0, at_once - at_work)]


def makes_way(*, is_reencode: bool, oldest_waiting: datetime | None, now: datetime) -> bool:
    """Whether a job at work lets an upload go first: only a re-encode does, and only for one that finds no idle worker.

    Args:
        oldest_waiting: when the first upload that nobody works on was dispatched.
    """
    return is_reencode and oldest_waiting is not None and now - oldest_waiting >= PATIENCE
