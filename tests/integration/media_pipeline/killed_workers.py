"""Workers in processes that are killed, and what they leave: for the test of it and for its measurement."""

from __future__ import annotations

import os
import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from media_pipeline.leases import LeasePolicy
from media_pipeline.models import EncodedChunk, Rendition, TranscodeJob
from media_pipeline.runner import run_job

KILLS = 20
POLICY = LeasePolicy(lease=timedelta(seconds=1), heartbeat=timedelta(seconds=0.2), max_attempts=KILLS + 5)


def work_in_a_process(job: TranscodeJob) -> int:
    """Fork a process that works on the job; returns its id. SQLite's connections must not cross a fork."""
    connection.close()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        code = 0 if run_job(job.pk, policy=POLICY) in ("published", "ended") else 1
    finally:
        os._exit(code)


def wait_for_the_lease(job: TranscodeJob) -> None:
    """Until a dead worker's lease has run out."""
    while (held_until := TranscodeJob.objects.get(pk=job.pk).lease_expires_at) and held_until > timezone.now():
        time.sleep(0.05)


def result(job: TranscodeJob) -> dict[str, str]:
    """Rung → SHA-256 of its object."""
    return dict(Rendition.objects.filter(source=job.source).values_list("name", "sha256"))


def made_chunks() -> set[str]:
    """The keys of all chunks that are made."""
    return set(EncodedChunk.objects.exclude(object_sha256="").values_list("key", flat=True))


def begin_again_if_published(job: TranscodeJob) -> None:
    """Fast machines end before the last kill: what was published is dropped, and kept chunks are joined again."""
    job.refresh_from_db()
    if job.state == TranscodeJob.State.PUBLISHED:
        Rendition.objects.filter(source=job.source).delete()
        TranscodeJob.objects.filter(pk=job.pk).update(state=TranscodeJob.State.RECEIVED)
