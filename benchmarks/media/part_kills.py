"""Workers killed at random moments: what is made again, and whether the result is the same (target 6)."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files import File
from django.db import connection
from django.utils import timezone

from benchmarks.media.targets import Measured
from benchmarks.table import Line
from media_pipeline.leases import LeasePolicy
from media_pipeline.models import EncodedChunk, Rendition, TranscodeJob
from media_pipeline.presets import ladder
from media_pipeline.runner import run_job
from media_pipeline.services import register_source, request_transcode
from tests.lecture_maker import make_lecture

KILLS = 20
_SHARE = 1 / 4
"""A worker lives for at most this share of the time that an undisturbed one took, so that kills fall everywhere."""
_LECTURE_S, _SLIDES = 92, 4
_POLICY = LeasePolicy(lease=timedelta(seconds=1), heartbeat=timedelta(seconds=0.2), max_attempts=KILLS + 5)


def measure() -> Iterator[Measured]:
    """Make all without a kill, then the same with a worker killed again and again, and compare."""
    with TemporaryDirectory() as name:
        path = Path(name) / "killed.mp4"
        make_lecture(path, duration_s=_LECTURE_S, slides=_SLIDES, seed=11)
        with path.open("rb") as upload:
            job = request_transcode(register_source(File(upload), name=path.name))
    undisturbed, took_s = _undisturbed(job)
    chance = random.Random(2026)  # noqa: S311 — moments, not secrets
    lost, most = 0, 0
    for _kill in range(KILLS):
        before = _made()
        _wait_for_the_lease(job)
        process = _worker(job)
        time.sleep(chance.uniform(0.1, took_s * _SHARE))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        lost += len(before - _made())
        most = max(most, _in_hand(job, process))
        _begin_again_if_published(job)
    _wait_for_the_lease(job)
    os.waitpid(_worker(job), 0)
    different = {*undisturbed.items()} ^ {*_result(job).items()}
    yield Measured(6, Line(f"{KILLS} kills: most chunks one worker had in hand", most, "", 1))
    yield Measured(6, Line("chunks that were made and are lost", lost, "", 0))
    yield Measured(6, Line("rungs that differ from an undisturbed run", len({name for name, _sha in different}), "", 0))


def _worker(job: TranscodeJob) -> int:
    """A process that works on the job; SQLite's connections must not cross a fork."""
    connection.close()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        code = 0 if run_job(job.pk, policy=_POLICY) in ("published", "ended") else 1
    finally:
        os._exit(code)


def _wait_for_the_lease(job: TranscodeJob) -> None:
    while (held_until := TranscodeJob.objects.get(pk=job.pk).lease_expires_at) and held_until > timezone.now():
        time.sleep(0.05)


def _made() -> set[str]:
    return set(EncodedChunk.objects.exclude(object_sha256="").values_list("key", flat=True))


def _in_hand(job: TranscodeJob, process: int) -> int:
    """Chunks that this dead worker had claimed and not finished; all rungs of a chunk are made in one run."""
    claimed = EncodedChunk.objects.filter(object_sha256="", owner__contains=f":{process}:").count()
    job.refresh_from_db()
    planned = set(job.plan.get("rungs", []))
    return -(-claimed // max(1, sum(rung.name in planned for rung in ladder(job.preset_version).video)))


def _begin_again_if_published(job: TranscodeJob) -> None:
    """Fast machines end before the last kill: what was published is dropped, and kept chunks are joined again."""
    job.refresh_from_db()
    if job.state == TranscodeJob.State.PUBLISHED:
        Rendition.objects.filter(source=job.source).delete()
        TranscodeJob.objects.filter(pk=job.pk).update(state=TranscodeJob.State.RECEIVED)


def _result(job: TranscodeJob) -> dict[str, str]:
    return dict(Rendition.objects.filter(source=job.source).values_list("name", "sha256"))


def _undisturbed(job: TranscodeJob) -> tuple[dict[str, str], float]:
    """The result without any kill and the seconds it took; all that was made is forgotten again."""
    started = time.monotonic()
    run_job(job.pk)
    took_s = time.monotonic() - started
    made = _result(job)
    Rendition.objects.filter(source=job.source).delete()
    EncodedChunk.objects.all().delete()
    TranscodeJob.objects.filter(pk=job.pk).update(state=TranscodeJob.State.RECEIVED, plan={}, attempts=0, progress=0)
    return made, took_s
