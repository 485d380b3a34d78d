"""Two long lectures, each through a job: processor time, speed, when the sound is there (targets 1, 7 and 9)."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import pipeline
from benchmarks.media.targets import Measured
from benchmarks.table import Line
from media_pipeline.models import Rendition, TranscodeJob

_SPEED, _SOUND = 4.0, 0.02
_CORES = 2
_TALKING_SHARE = 0.4
"""One that moves all over takes twice as long, and four minutes of it tell enough."""

_LEAST_S = 60


def measure(seconds: int) -> Iterator[Measured]:
    """The lectures of `benchmarks.pipeline`: slides at this length, the one that moves shorter."""
    yield from _film("slides", pipeline.slides(seconds))
    yield from _film("talking", pipeline.talking(max(_LEAST_S, round(_TALKING_SHARE * seconds))))


def _film(name: str, film: pipeline.Film) -> Iterator[Measured]:
    for line in pipeline.lines(name, film):
        yield Measured(9 if line.limit == pipeline.ANALYSIS_LIMIT else 1, line)
    yield from _speed(name, TranscodeJob.objects.latest("pk"), film.pipeline_s / film.seconds)


def _speed(name: str, job: TranscodeJob, cpu_s: float) -> Iterator[Measured]:
    duration_s = float(job.source.duration_s or 0)
    yield Measured(7, Line(f"{name}: ladder × real time on two cores", _CORES / cpu_s, "×", _SPEED, True))
    if job.started_at and job.finished_at:
        wall_s = (job.finished_at - job.started_at).total_seconds()
        yield Measured(0, Line(f"{name}: ladder × real time by the clock, one worker", duration_s / wall_s, "×"))
        heard = Rendition.objects.filter(source=job.source, kind=Rendition.Kind.AUDIO).earliest("created_at")
        delay_s = (heard.created_at - job.started_at).total_seconds()
        yield Measured(
            7, Line(f"{name}: sound published after its share of the duration", delay_s / duration_s, "", _SOUND)
        )
