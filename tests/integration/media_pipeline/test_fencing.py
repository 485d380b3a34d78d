"""Leases in the database: who was overtaken writes nothing, progress never falls, lost jobs are found."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from media_pipeline import jobs, selectors, services
from media_pipeline.errors import NotRetryable, ProbeFailed
from media_pipeline.jobs import CancelRequested, Lease, LeaseLost
from media_pipeline.leases import LeasePolicy, Take
from media_pipeline.models import MediaSource, Rendition, TranscodeJob

pytestmark = pytest.mark.django_db

POLICY = LeasePolicy(max_attempts=2)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def job() -> TranscodeJob:
    source = MediaSource.objects.create(sha256="ab" * 32, storage_name="originals/ab/x", length=10)
    return services.request_transcode(source)


def held(job: TranscodeJob, clock: Clock, owner: str = "one") -> Lease:
    lease = jobs.take(job.pk, owner, clock=clock, policy=POLICY)
    assert isinstance(lease, Lease)
    return lease


def rung(lease: Lease, name: str = "opus-16") -> Rendition:
    return Rendition(
        source=lease.source,
        name=name,
        kind="audio",
        mime="audio/mp4",
        sha256="cd" * 32,
        length=1,
        preset_version="2026.1",
    )


def test_a_live_lease_keeps_a_second_worker_away(job: TranscodeJob, clock: Clock) -> None:
    held(job, clock)
    assert jobs.take(job.pk, "two", clock=clock) is Take.HELD


def test_who_was_overtaken_can_write_nothing_at_all(job: TranscodeJob, clock: Clock) -> None:
    first = held(job, clock)
    clock.move(30)
    second = held(job, clock, "two")
    for write in (
        lambda: first.publish(rung(first)),
        lambda: first.step("encoding", "late", 0.9),
        lambda: first.remember_facts(duration_s=1.0, facts={"late": True}),
        lambda: first.remember_plan({"late": True}),
        first.finish,
        first.cancelled,
        lambda: first.fail(ProbeFailed()),
        lambda: first.hand_back(blameless=True),
    ):
        with pytest.raises(LeaseLost):
            write()
    clock.move(1)
    with pytest.raises(LeaseLost):
        first.tick(0.9)
    assert not Rendition.objects.exists()
    assert MediaSource.objects.get().probe == {}
    second.publish(rung(second))
    assert Rendition.objects.get().encoded_under_token == 2


def test_a_heartbeat_keeps_the_lease_and_progress_never_falls(job: TranscodeJob, clock: Clock) -> None:
    lease = held(job, clock)
    for progress in (0.5, 0.2, 0.4):
        clock.move(10)
        lease.tick(progress)
        job.refresh_from_db()
        assert job.progress == 0.5
        assert jobs.take(job.pk, "two", clock=clock) is Take.HELD


def test_a_worker_notices_a_cancellation_at_its_next_look(job: TranscodeJob, clock: Clock) -> None:
    lease = held(job, clock)
    services.cancel(job)
    clock.move(1)
    with pytest.raises(CancelRequested):
        lease.tick(0.1)
    lease.cancelled()
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_job_that_nobody_holds_is_cancelled_at_once(job: TranscodeJob) -> None:
    assert services.cancel(job).state == "cancelled"
    with pytest.raises(NotRetryable):
        services.cancel(job)


def test_a_job_that_killed_its_workers_again_and_again_is_given_up_and_can_be_retried(
    job: TranscodeJob, clock: Clock
) -> None:
    for _number in range(POLICY.max_attempts):
        held(job, clock)
        clock.move(30)
    jobs.sweep(lambda _job: False, clock=clock, policy=POLICY)
    status = selectors.job_status(job.source)
    assert (status.state, status.error_code, status.can_retry) == ("failed", "workers-lost", True)
    job.refresh_from_db()
    assert services.retry(job).attempts == 0


def test_the_sweeper_dispatches_what_has_no_live_lease_and_only_once(job: TranscodeJob, clock: Clock) -> None:
    assert jobs.sweep(lambda _job: False, clock=clock) == 0
    held(job, clock)
    clock.move(10)
    assert jobs.sweep(lambda _job: False, clock=clock) == 0
    clock.move(15)
    assert jobs.sweep(lambda _job: True, clock=clock) == 0
    assert jobs.sweep(lambda _job: False, clock=clock) == 1


def test_an_error_comes_back_with_its_details_in_both_languages(job: TranscodeJob, clock: Clock) -> None:
    from media_pipeline.errors import TooManyPixels

    held(job, clock).fail(TooManyPixels(width=16000, height=16001))
    status = selectors.job_status(job.source)
    assert "16000×16001" in status.error_message
    assert "16000×16001" in status.error_message_en


def test_only_failed_and_cancelled_jobs_can_be_retried(job: TranscodeJob, clock: Clock) -> None:
    with pytest.raises(NotRetryable):
        services.retry(job)
    held(job, clock).finish()
    with pytest.raises(NotRetryable):
        services.retry(job)


def test_the_remaining_time_is_told_from_the_pace_so_far(job: TranscodeJob, clock: Clock) -> None:
    lease = held(job, clock)
    job.refresh_from_db()
    assert selectors.remaining_s(job, clock()) is None
    clock.move(10)
    lease.beat(0.25)
    job.refresh_from_db()
    assert selectors.remaining_s(job, clock()) == 30
    clock.move(60)
    assert selectors.remaining_s(job, clock()) is None
