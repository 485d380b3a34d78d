"""Workers killed at random moments: what is made again, and whether the result is the same (target 6)."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files import File

from benchmarks.media.targets import Measured
from benchmarks.table import Line
from media_pipeline.models import EncodedChunk, Rendition, TranscodeJob
from media_pipeline.presets import ladder
from media_pipeline.runner import run_job
from media_pipeline.services import register_source, request_transcode
from tests.integration.media_pipeline.killed_workers import (
    KILLS,
    begin_again_if_published,
    made_chunks,
    result,
    wait_for_the_lease,
    work_in_a_process,
)
from tests.lecture_maker import make_lecture

_SHARE = 1 / 4
"""A worker lives for at most this share of the time that an undisturbed one took, so that kills fall everywhere."""
_LECTURE_S, _SLIDES = 92, 4


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
        before = made_chunks()
        wait_for_the_lease(job)
        process = work_in_a_process(job)
        time.sleep(chance.uniform(0.1, took_s * _SHARE))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        lost += len(before - made_chunks())
        most = max(most, _in_hand(job, process))
        begin_again_if_published(job)
    wait_for_the_lease(job)
    os.waitpid(work_in_a_process(job), 0)
    different = {*undisturbed.items()} ^ {*result(job).items()}
    yield Measured(6, Line(f"{KILLS} kills: most chunks one worker had in hand", most, "", 1))
    yield Measured(6, Line("chunks that were made and are lost", lost, "", 0))
    yield Measured(6, Line("rungs that differ from an undisturbed run", len({name for name, _sha in different}), "", 0))


def _in_hand(job: TranscodeJob, process: int) -> int:
    """Chunks that this dead worker had claimed and not finished; all rungs of a chunk are made in one run."""
    claimed = EncodedChunk.objects.filter(object_sha256="", owner__contains=f":{process}:").count()
    job.refresh_from_db()
    planned = set(job.plan.get("rungs", []))
    return -(-claimed // max(1, sum(rung.name in planned for rung in ladder(job.preset_version).video)))


def _undisturbed(job: TranscodeJob) -> tuple[dict[str, str], float]:
    """The result without any kill and the seconds it took; all that was made is forgotten again."""
    started = time.monotonic()
    run_job(job.pk)
    took_s = time.monotonic() - started
    made = result(job)
    Rendition.objects.filter(source=job.source).delete()
    EncodedChunk.objects.all().delete()
    TranscodeJob.objects.filter(pk=job.pk).update(state=TranscodeJob.State.RECEIVED, plan={}, attempts=0, progress=0)
    return made, took_s
