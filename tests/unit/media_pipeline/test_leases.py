"""Who may work on a job, and what a sweeper does: one table each."""

from datetime import UTC, datetime, timedelta

import pytest

from media_pipeline.leases import JobView, LeasePolicy, Sweep, Take, decide_sweep, decide_take

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POLICY = LeasePolicy(max_attempts=3)


def job(
    *,
    terminal: bool = False,
    lease_s: float | None = None,
    sent_s: float | None = -1,
    attempts: int = 0,
    cancel: bool = False,
) -> JobView:
    """A job whose lease ends `lease_s` from now and whose last dispatch lies at `sent_s` from now."""
    return JobView(
        terminal=terminal,
        lease_expires_at=None if lease_s is None else NOW + timedelta(seconds=lease_s),
        dispatched_at=None if sent_s is None else NOW + timedelta(seconds=sent_s),
        attempts=attempts,
        cancel_requested=cancel,
    )


@pytest.mark.parametrize(
    ("view", "decision"),
    [
        (job(), Take.TAKE),
        (job(lease_s=5), Take.HELD),
        (job(lease_s=0), Take.TAKE),
        (job(lease_s=-5, attempts=2), Take.TAKE),
        (job(lease_s=-5, attempts=3), Take.GIVE_UP),
        (job(cancel=True), Take.CANCEL),
        (job(lease_s=5, cancel=True), Take.HELD),
        (job(terminal=True), Take.ENDED),
        (job(terminal=True, cancel=True, attempts=9), Take.ENDED),
    ],
)
def test_taking(view: JobView, decision: Take) -> None:
    assert decide_take(view, NOW, POLICY) is decision


@pytest.mark.parametrize(
    ("view", "task_waiting", "decision"),
    [
        (job(terminal=True, sent_s=None), False, Sweep.LEAVE),
        (job(lease_s=5, sent_s=-900), False, Sweep.LEAVE),
        (job(lease_s=5, sent_s=-900, cancel=True), False, Sweep.LEAVE),
        # Freshly requested: its task is on the way, or waits in a long queue.
        (job(sent_s=-1), False, Sweep.LEAVE),
        (job(sent_s=-900), True, Sweep.LEAVE),
        # Its task was lost between the queue and the lease.
        (job(sent_s=-900), False, Sweep.DISPATCH),
        (job(sent_s=None), False, Sweep.DISPATCH),
        # Its worker died: the lease ran out after the last dispatch.
        (job(lease_s=-1, sent_s=-21, attempts=1), False, Sweep.DISPATCH),
        (job(lease_s=-1, sent_s=-21, attempts=1), True, Sweep.LEAVE),
        # It was dispatched again already.
        (job(lease_s=-5, sent_s=-1, attempts=1), False, Sweep.LEAVE),
        (job(lease_s=-1, sent_s=-21, attempts=3), False, Sweep.GIVE_UP),
        (job(lease_s=-1, sent_s=-21, attempts=1, cancel=True), False, Sweep.CANCEL),
    ],
)
def test_sweeping(view: JobView, task_waiting: bool, decision: Sweep) -> None:
    assert decide_sweep(view, NOW, task_waiting=task_waiting, policy=POLICY) is decision
