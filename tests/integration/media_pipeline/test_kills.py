"""Killed at twenty random moments: at most one chunk a worker is made again, and the result is the same to the byte."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.models import EncodedChunk, Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.runner import run_job
from tests.integration.media_pipeline.killed_workers import (
    KILLS,
    begin_again_if_published,
    made_chunks,
    result,
    wait_for_the_lease,
    work_in_a_process,
)
from tests.lecture_maker import make_lecture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(scope="module")
def film(clips: Path) -> Path:
    """A minute and a half in four chunks."""
    return make_lecture(clips / "killed.mp4", duration_s=92, slides=4, seed=11).path


def test_twenty_kills_lose_at_most_a_chunk_each_and_change_no_byte(
    job_for: Callable[[Path], TranscodeJob], film: Path
) -> None:
    job = job_for(film)
    chance = random.Random(2026)
    survived: set[str] = set()
    for _kill in range(KILLS):
        wait_for_the_lease(job)
        process = work_in_a_process(job)
        time.sleep(chance.uniform(0.1, 4.0))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        assert made_chunks() >= survived, "a chunk that was made is never lost"
        survived = made_chunks()
        begin_again_if_published(job)
    wait_for_the_lease(job)
    _process, status = os.waitpid(work_in_a_process(job), 0)
    job.refresh_from_db()
    assert job.state == TranscodeJob.State.PUBLISHED, job.error_code + job.error_detail
    assert os.waitstatus_to_exitcode(status) == 0
    interrupted = result(job)
    assert all(default_store().exists(sha256) for sha256 in interrupted.values())
    assert survived <= made_chunks()

    Rendition.objects.all().delete()
    EncodedChunk.objects.all().delete()
    TranscodeJob.objects.update(state=TranscodeJob.State.RECEIVED, plan={}, attempts=0)
    assert run_job(job.pk) == "published"
    assert result(job) == interrupted
