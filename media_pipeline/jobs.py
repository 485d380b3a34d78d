"""The life of a job in the database: lease, heartbeat, fencing token, progress, cancel, end.

A worker holds a job by a lease that it renews. Taking the lease raises the fencing token, and every later write
names the token it was made under: a worker that was overtaken writes nothing more (architecture.md §3).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from media_pipeline import leases
from media_pipeline.errors import MediaError, WorkersLost
from media_pipeline.leases import DEFAULT_POLICY, JobView, LeasePolicy, Sweep, Take
from media_pipeline.models import MediaSource, Rendition, SourceChunk, TranscodeJob
from media_pipeline.reencode_rules import NEVER
from media_pipeline.services import describe_error, dispatch
from media_pipeline.signals import job_failed, job_finished, rendition_published

Clock = Callable[[], datetime]

stopping = threading.Event()
"""Set when this process was asked to end; a running job is then handed back."""


class LeaseLost(Exception):
    """Another worker holds the job now; nothing of ours may be written."""


class CancelRequested(Exception):
    """A person asked for the job's end."""


class MakesWay(Exception):
    """An upload goes first; the re-encode waits for its next turn."""


class WorkerStopping(Exception):
    """This worker is to end; the job goes back."""


def configured_policy() -> LeasePolicy:
    """The lease policy of this installation: `settings.MEDIA_LEASE_SECONDS`, 20 where it isn't set."""
    seconds = float(getattr(settings, "MEDIA_LEASE_SECONDS", DEFAULT_POLICY.lease.total_seconds()))
    return LeasePolicy(lease=timedelta(seconds=seconds), heartbeat=timedelta(seconds=min(2.0, seconds / 6)))


def view(job: TranscodeJob) -> JobView:
    """What the lease rules look at."""
    return JobView(job.is_terminal, job.lease_expires_at, job.dispatched_at, job.attempts, job.cancel_requested)


def take(job_id: int, owner: str, *, clock: Clock = timezone.now, policy: LeasePolicy = DEFAULT_POLICY) -> Lease | Take:
    """Take the lease of a job, or say why not; ends a job that was cancelled or given up while nobody held it."""
    with transaction.atomic():
        job = TranscodeJob.objects.select_for_update(of=("self",)).select_related("source").filter(pk=job_id).first()
        if job is None:
            return Take.ENDED
        now = clock()
        decision = leases.decide_take(view(job), now, policy)
        if decision is Take.CANCEL:
            end_unheld(job, TranscodeJob.State.CANCELLED, now)
        elif decision is Take.GIVE_UP:
            end_unheld(job, TranscodeJob.State.FAILED, now, WorkersLost())
        if decision is not Take.TAKE:
            return decision
        job.fencing_token += 1
        job.attempts += 1
        job.lease_owner, job.lease_expires_at, job.heartbeat_at = owner[:80], now + policy.lease, now
        job.started_at = job.started_at or now
        job.save()
    return Lease(job, clock, policy)


def end_unheld(job: TranscodeJob, state: str, now: datetime, error: MediaError | None = None) -> None:
    """End a job that nobody holds; to be called inside a transaction with the row locked."""
    job.state, job.finished_at, job.fencing_token = state, now, job.fencing_token + 1
    job.lease_owner, job.lease_expires_at = "", None
    if error is not None:
        job.error_code, job.error_detail = describe_error(error)
    job.save()
    job_failed.send(sender=MediaSource, source=job.source, job=job)


class Lease:
    """A job held by this worker.

    Every method that writes raises `LeaseLost` when another worker has taken the job since.
    """

    def __init__(self, job: TranscodeJob, clock: Clock, policy: LeasePolicy) -> None:
        self.job = job
        self.source = job.source
        self.token = job.fencing_token
        self._clock = clock
        self._policy = policy
        self._polled_at = self._beaten_at = clock()

    def _mine(self) -> Any:
        return TranscodeJob.objects.filter(pk=self.job.pk, fencing_token=self.token).exclude(
            state__in=TranscodeJob.TERMINAL
        )

    def _write(self, **values: Any) -> None:
        if not self._mine().update(**values):
            raise LeaseLost

    def tick(self, progress: float) -> None:
        """To be called often while the job runs: renews the lease, writes progress, notices a cancellation.

        Args:
            progress: 0–1 of the whole job; a smaller number than before changes nothing.

        Raises:
            CancelRequested, WorkerStopping, LeaseLost: the work is to be dropped.
        """
        if stopping.is_set():
            raise WorkerStopping
        now = self._clock()
        if now - self._polled_at < self._policy.poll:
            return
        self._polled_at = now
        if now - self._beaten_at >= self._policy.heartbeat:
            self.beat(progress)
        cancelled = self._mine().values_list("cancel_requested", flat=True).first()
        if cancelled is None:
            raise LeaseLost
        if cancelled:
            raise CancelRequested

    def beat(self, progress: float, **values: Any) -> None:
        """Renew the lease and write progress, with further values of the job."""
        now = self._beaten_at = self._clock()
        self._write(
            heartbeat_at=now,
            lease_expires_at=now + self._policy.lease,
            progress=Greatest(F("progress"), min(max(progress, 0.0), 1.0)),
            **values,
        )

    def step(self, state: str, label: str, progress: float) -> None:
        """Say what the job is doing now."""
        self.beat(progress, state=state, step=label)

    def remember_plan(self, plan: dict[str, Any]) -> None:
        """Keep the plan with the job."""
        self._write(plan=plan)

    def remember_facts(self, *, duration_s: float, facts: dict[str, Any]) -> None:
        """Keep what was found out about the source, under the token."""
        with transaction.atomic():
            self._write(heartbeat_at=self._clock())
            MediaSource.objects.filter(pk=self.source.pk).update(duration_s=duration_s, probe=facts)
        self.source.duration_s, self.source.probe = duration_s, facts

    def remember_chunks(self, kind: str, chunks: Sequence[tuple[int, int, str, str]]) -> None:
        """Keep where the source was cut: of each chunk, in order, the first frame, how many, and their digests.

        The last is that of small copies of the pictures; sound has none.
        """
        rows = [
            SourceChunk(
                source=self.source,
                kind=kind,
                number=number,
                start=start,
                frames=frames,
                frames_sha256=whole,
                looks_sha256=small,
            )
            for number, (start, frames, whole, small) in enumerate(chunks)
        ]
        with transaction.atomic():
            self._write(heartbeat_at=self._clock())
            SourceChunk.objects.filter(source=self.source, kind=kind).delete()
            SourceChunk.objects.bulk_create(rows)

    def publish(self, rendition: Rendition) -> None:
        """Record a verified rung; the row and the check of the token are one transaction."""
        with transaction.atomic():
            self._write(heartbeat_at=self._clock())
            rendition.encoded_under_token = self.token
            rendition.save()
            rendition_published.send(sender=MediaSource, source=self.source, rendition=rendition)

    def finish(self) -> None:
        """The job is done: every planned rung is there."""
        with transaction.atomic():
            self._end(TranscodeJob.State.PUBLISHED, step="", progress=1.0, error_code="", error_detail="")
            job_finished.send(sender=MediaSource, source=self.source, job=self.job)

    def fail(self, error: MediaError) -> None:
        """The job ends with an error that says what to do."""
        code, detail = describe_error(error)
        with transaction.atomic():
            self._end(TranscodeJob.State.FAILED, error_code=code, error_detail=detail)
            job_failed.send(sender=MediaSource, source=self.source, job=self.job)

    def cancelled(self) -> None:
        """The job ends because a person asked for it."""
        with transaction.atomic():
            self._end(TranscodeJob.State.CANCELLED)
            job_failed.send(sender=MediaSource, source=self.source, job=self.job)

    def hand_back(self, *, blameless: bool) -> None:
        """Let another worker go on.

        Args:
            blameless: the job isn't at fault (this worker was told to end), so the attempt doesn't count.
        """
        self._write(
            lease_owner="",
            lease_expires_at=None,
            dispatched_at=None,
            attempts=F("attempts") - (1 if blameless else 0),
        )

    def step_aside(self) -> None:
        """Wait again, as a re-encode that has not started does, until no upload comes before this job.

        What was made of it stays on the shelf and in the object store.
        """
        self._write(
            state=TranscodeJob.State.RECEIVED,
            step="",
            lease_owner="",
            lease_expires_at=None,
            dispatched_at=NEVER,
            attempts=F("attempts") - 1,
        )

    def _end(self, state: str, **values: Any) -> None:
        self._write(state=state, finished_at=self._clock(), lease_owner="", lease_expires_at=None, **values)
        self.job.refresh_from_db()


def sweep(
    task_waiting: Callable[[TranscodeJob], bool],
    *,
    clock: Clock = timezone.now,
    policy: LeasePolicy = DEFAULT_POLICY,
) -> int:
    """Dispatch again what has no live lease, end what was cancelled or given up; return how many were dispatched."""
    dispatched = 0
    for job in TranscodeJob.objects.unfinished().order_by("pk"):
        if leases.decide_sweep(view(job), clock(), task_waiting=False, policy=policy) is Sweep.LEAVE:
            continue
        with transaction.atomic():
            locked = TranscodeJob.objects.select_for_update(of=("self",)).select_related("source").get(pk=job.pk)
            if _settle(locked, clock(), task_waiting=task_waiting(locked), policy=policy) is Sweep.DISPATCH:
                dispatched += 1
    return dispatched


def _settle(job: TranscodeJob, now: datetime, *, task_waiting: bool, policy: LeasePolicy) -> Sweep:
    decision = leases.decide_sweep(view(job), now, task_waiting=task_waiting, policy=policy)
    if decision is Sweep.DISPATCH:
        dispatch(job)
    elif decision is Sweep.CANCEL:
        end_unheld(job, TranscodeJob.State.CANCELLED, now)
    elif decision is Sweep.GIVE_UP:
        end_unheld(job, TranscodeJob.State.FAILED, now, WorkersLost())
    return decision
