"""One job asked for twice, and one cancelled while it is watched (target 10)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files import File
from django.db import connection
from django.utils import timezone

from benchmarks.media.targets import Measured
from benchmarks.table import Line
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.runner import run_job
from media_pipeline.services import cancel, register_source, request_transcode
from tests.lecture_maker import make_lecture

_LECTURE_S, _SLIDES = 60, 2
_LOOK_S = 0.1
_CANCEL_AT = 0.5
_CANCEL_S, _AGE_S = 2.0, 5.0


def measure() -> Iterator[Measured]:
    """Run a job under watch, run it again, then cancel one in its midst."""
    with TemporaryDirectory() as name:
        source = _taken_in(Path(name) / "twice.mp4", seed=21)
        job = request_transcode(source)
        watched = _Watched(job)
        watched.until_it_ends()
        yield Measured(10, Line("times that progress fell", watched.falls, "", 0))
        yield Measured(10, Line("oldest progress shown", watched.oldest_s, "s", _AGE_S))
        yield Measured(10, Line("chunks encoded when asked for again", _encoded_again(source), "", 0))
        other = request_transcode(_taken_in(Path(name) / "cancelled.mp4", seed=22))
        yield Measured(10, Line("cancelled until the processor is free", _cancelling_s(other), "s", _CANCEL_S))


def _taken_in(path: Path, *, seed: int) -> MediaSource:
    make_lecture(path, duration_s=_LECTURE_S, slides=_SLIDES, seed=seed)
    with path.open("rb") as upload:
        return register_source(File(upload), name=path.name)


class _Watched:
    """A job in a process of its own, looked at ten times a second as the admin's page does."""

    def __init__(self, job: TranscodeJob) -> None:
        self.job = job
        self.falls, self.oldest_s, self.progress = 0, 0.0, 0.0
        connection.close()
        self.process = os.fork()
        if not self.process:
            try:
                run_job(job.pk)
            finally:
                os._exit(0)

    def look(self) -> bool:
        """Look once; whether the process still runs."""
        time.sleep(_LOOK_S)
        self.job.refresh_from_db()
        self.falls += self.job.progress < self.progress
        self.progress = self.job.progress
        if self.job.heartbeat_at and not self.job.is_terminal:
            self.oldest_s = max(self.oldest_s, (timezone.now() - self.job.heartbeat_at).total_seconds())
        return os.waitpid(self.process, os.WNOHANG) == (0, 0)

    def until_it_ends(self) -> None:
        """Look until the process has ended."""
        while self.look():
            pass


def _encoded_again(source: MediaSource) -> int:
    """Chunks that a second run of the same source and plan encodes, its former results gone, its chunks not."""
    Rendition.objects.filter(source=source, kind=Rendition.Kind.VIDEO).delete()
    TranscodeJob.objects.filter(source=source).update(state=TranscodeJob.State.RECEIVED)
    job = TranscodeJob.objects.get(source=source)
    run_job(job.pk)
    job.refresh_from_db()
    return int(job.plan["chunks"]["encoded"])


def _cancelling_s(job: TranscodeJob) -> float:
    """Seconds from the request until the worker and all it started have ended."""
    watched = _Watched(job)
    while watched.look() and watched.progress < _CANCEL_AT:
        pass
    cancel(job)
    asked = time.monotonic()
    watched.until_it_ends()
    return time.monotonic() - asked
