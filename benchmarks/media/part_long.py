"""One long lecture through a job: processor time, speed, when the sound is there (targets 1, 7 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

from benchmarks import pipeline
from benchmarks.media.targets import Measured
from benchmarks.table import Line
from media_pipeline.models import Rendition, TranscodeJob

_SPEED, _SOUND = 4.0, 0.02
_CORES = 2
_HALF_HOUR_S, _ANALYSIS = 1800.0, 0.02


def measure(seconds: int) -> Iterator[Measured]:
    """The lecture of `benchmarks.pipeline`, at this length."""
    with patch.multiple(pipeline, SECONDS=seconds, SLIDES=max(2, round(seconds / 25))):
        lines = {line.name: line for line in pipeline.measure()}
    for line in lines.values():
        yield Measured(1, line)
    yield from _analysis(lines, seconds)
    job = TranscodeJob.objects.latest("pk")
    yield from _speed(job, lines)


def _analysis(lines: dict[str, Line], seconds: int) -> Iterator[Measured]:
    """The reel is a dozen seconds however long the film, so that its share falls with the length."""
    share = next(line.value for name, line in lines.items() if "quality" in name)
    at_half_an_hour = share * min(1.0, seconds / _HALF_HOUR_S)
    yield Measured(9, Line("finding the quality ÷ encoding, of 30 min", at_half_an_hour, "", _ANALYSIS))


def _speed(job: TranscodeJob, lines: dict[str, Line]) -> Iterator[Measured]:
    duration_s = float(job.source.duration_s or 0)
    cpu_s = next(line.value for name, line in lines.items() if "second of lecture" in name)
    yield Measured(7, Line("ladder × real time on two cores", _CORES / cpu_s, "×", _SPEED, True))
    if job.started_at and job.finished_at:
        wall_s = (job.finished_at - job.started_at).total_seconds()
        yield Measured(0, Line("ladder × real time by the clock, one worker on this machine", duration_s / wall_s, "×"))
        heard = Rendition.objects.filter(source=job.source, kind=Rendition.Kind.AUDIO).earliest("created_at")
        delay_s = (heard.created_at - job.started_at).total_seconds()
        yield Measured(7, Line("sound published after its share of the duration", delay_s / duration_s, "", _SOUND))
