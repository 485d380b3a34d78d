"""Real worker processes: killed, taken over, cancelled, ended, two at a time."""

from __future__ import annotations

import functools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from media_pipeline import services
from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.objects import default_store

pytestmark = pytest.mark.django_db(transaction=True)

Start = Callable[[], "subprocess.Popen[bytes]"]
LADDER = {"opus-16", "aac-24", "poster", "h264-240", "h264-360", "muxed-240", "av1-360", "av1-480", "sprite"}


@pytest.fixture
def start(rooms: Path) -> Iterator[Start]:
    """Starts workers with a lease of three seconds; whatever still runs at the end of the test is killed."""
    running: list[subprocess.Popen[bytes]] = []
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    changes = {
        "database": {name: str(connection.settings_dict.get(name) or "") for name in names},
        "rooms": {
            name: str(getattr(configured, name))
            for name in ("OBJECTS_DIR", "PUBLIC_TREE_DIR", "WORK_DIR", "MEDIA_ROOT")
        },
        "lease_s": 3,
    }

    def begin() -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.media_pipeline.worker_process", json.dumps(changes)],
            cwd=configured.BASE_DIR,
        )
        running.append(worker)
        return worker

    yield begin
    for worker in running:
        if worker.poll() is None:
            worker.kill()
        worker.wait()


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 180.0) -> float:
    """Wait until the condition holds; return how long it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"waited in vain for: {what}"
        time.sleep(0.02)
    return time.monotonic() - started


def encoders(rooms: Path) -> list[int]:
    """Process ids of every ffmpeg that works in these rooms."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"ffmpeg" in command.split(b"\0", 1)[0] and str(rooms).encode() in command:
                found.append(int(entry.name))
    return found


def encoding_pictures(job: TranscodeJob, rooms: Path) -> bool:
    """Whether the job's sound is done and an encoder works on its pictures."""
    job.refresh_from_db()
    return job.step.startswith("转码画面") and bool(encoders(rooms))


def published(job: TranscodeJob) -> bool:
    job.refresh_from_db()
    assert job.state != TranscodeJob.State.FAILED, job.error_detail
    return job.state == TranscodeJob.State.PUBLISHED


def test_after_kill_nine_the_next_worker_goes_on_and_encodes_no_finished_rung_again(
    start: Start, job_for: Callable[[Path], TranscodeJob], long_lecture: Path, rooms: Path
) -> None:
    job = job_for(long_lecture)
    first = start()
    wait_for(lambda: encoding_pictures(job, rooms), "pictures being encoded")
    finished = {rendition.name: rendition.sha256 for rendition in Rendition.objects.filter(source=job.source)}
    assert {"opus-16", "aac-24", "poster"} <= set(finished)
    progress = job.progress

    first.kill()
    first.wait()
    wait_for(lambda: not encoders(rooms), "the dead worker's encoder to end", seconds=2)

    start()
    wait_for(lambda: published(job), "the second worker's end")
    rows = {rendition.name: rendition for rendition in Rendition.objects.filter(source=job.source)}
    assert set(rows) == LADDER
    assert all(default_store().exists(row.sha256) for row in rows.values())
    assert {name: rows[name].sha256 for name in finished} == finished
    assert {name for name, row in rows.items() if row.encoded_under_token == 1} == set(finished)
    assert (job.attempts, job.fencing_token) == (2, 2)
    assert job.progress == 1.0 > progress
    wait_for(lambda: not list((rooms / "work" / "transcode").iterdir()), "the working folders to be cleared", seconds=5)


def test_cancelling_frees_the_processor_within_two_seconds_and_retrying_finishes_the_job(
    start: Start, job_for: Callable[[Path], TranscodeJob], long_lecture: Path, rooms: Path
) -> None:
    job = job_for(long_lecture)
    start()
    wait_for(lambda: encoding_pictures(job, rooms), "pictures being encoded")
    services.cancel(job)
    assert wait_for(lambda: not encoders(rooms), "the encoder's end") <= 2.0

    def cancelled() -> bool:
        job.refresh_from_db()
        return job.state == TranscodeJob.State.CANCELLED

    wait_for(cancelled, "the job to be cancelled", seconds=5)
    services.retry(job)
    wait_for(lambda: published(job), "the job's end")
    assert set(Rendition.objects.filter(source=job.source).values_list("name", flat=True)) == LADDER


def test_a_worker_that_is_told_to_end_ends_cleanly_and_its_job_goes_on_elsewhere(
    start: Start, job_for: Callable[[Path], TranscodeJob], long_lecture: Path, rooms: Path
) -> None:
    job = job_for(long_lecture)
    worker = start()
    wait_for(lambda: encoding_pictures(job, rooms), "pictures being encoded")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=10) == 0
    assert not encoders(rooms)
    job.refresh_from_db()
    assert (job.attempts, job.lease_expires_at) == (0, None)
    start()
    wait_for(lambda: published(job), "the next worker's end")


def test_two_workers_share_a_queue_and_each_rung_is_written_once(
    start: Start, job_for: Callable[[Path], TranscodeJob], lecture: Path, ffmpeg: Callable[..., Path]
) -> None:
    tones = [
        ffmpeg(f"tone{n}.mp3", "-f", "lavfi", "-i", f"sine={300 + 50 * n}:d=3", "-c:a", "libmp3lame") for n in range(4)
    ]
    queued = [job_for(path) for path in (lecture, *tones)]
    start()
    start()
    for job in queued:
        wait_for(functools.partial(published, job), "every job's end")
        assert (job.attempts, job.fencing_token) == (1, 1)
    assert Rendition.objects.count() == len(LADDER) + 2 * len(tones)
