"""Who may work on a job, and what becomes of one that nobody works on: decisions as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True)
class LeasePolicy:
    """Times of the lease protocol.

    Attributes:
        lease: how long a lease lives after the last heartbeat.
        heartbeat: how often its holder renews it and writes progress.
        poll: how often the holder looks whether it was cancelled or overtaken.
        redispatch_after: how old the last dispatch must be before another task is enqueued.
        max_attempts: leases taken without an end before the job is given up.
    """

    lease: timedelta = timedelta(seconds=20)
    heartbeat: timedelta = timedelta(seconds=2)
    poll: timedelta = timedelta(seconds=1)
    redispatch_after: timedelta = timedelta(seconds=15)
    max_attempts: int = 5


DEFAULT_POLICY = LeasePolicy()


@dataclass(frozen=True)
class JobView:
    """What a decision looks at."""

    terminal: bool
    lease_expires_at: datetime | None
    dispatched_at: datetime | None
    attempts: int
    cancel_requested: bool

    def held(self, now: datetime) -> bool:
        """Whether a live lease lies on the job."""
        return self.lease_expires_at is not None and self.lease_expires_at > now


class Take(Enum):
    """Answer to a worker that would like to work on a job."""

    TAKE = "take"
    ENDED = "ended"
    HELD = "held"
    CANCEL = "cancel"
    GIVE_UP = "give_up"


class Sweep(Enum):
    """What a sweeper does with a job."""

    LEAVE = "leave"
    DISPATCH = "dispatch"
    CANCEL = "cancel"
    GIVE_UP = "give_up"


def decide_take(job: JobView, now: datetime, policy: LeasePolicy = DEFAULT_POLICY) -> Take:
    """May a worker take the job now?"""
    if job.terminal:
        return Take.ENDED
    if job.held(now):
        return Take.HELD
    if job.cancel_requested:
        return Take.CANCEL
    return Take.GIVE_UP if job.attempts >= policy.max_attempts else Take.TAKE


def decide_sweep(job: JobView, now: datetime, *, task_waiting: bool, policy: LeasePolicy = DEFAULT_POLICY) -> Sweep:
    """What is to be done about the job now?

    Args:
        task_waiting: a task for it lies in the queue, so that nothing is lost by waiting.
    """
    if job.terminal or job.held(now):
        return Sweep.LEAVE
    if job.cancel_requested:
        return Sweep.CANCEL
    if job.attempts >= policy.max_attempts:
        return Sweep.GIVE_UP
    if task_waiting:
        return Sweep.LEAVE
    expired = job.lease_expires_at
    if expired is not None and (job.dispatched_at is None or job.dispatched_at <= expired):
        # Its worker died after the last dispatch: no task can be under way any more.
        return Sweep.DISPATCH
    recent = job.dispatched_at is not None and now - job.dispatched_at < policy.redispatch_after
    return Sweep.LEAVE if recent else Sweep.DISPATCH
