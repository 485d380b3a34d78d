"""Hostile files, as the tests make them: how each ends, who was called, what it cost (target 8)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files.base import ContentFile

from benchmarks.media.targets import Measured
from benchmarks.table import Line
from media_pipeline.runner import run_job
from media_pipeline.services import register_source, request_transcode
from tests.integration.media_pipeline.decoder_costs import children_cpu_s, clip, listening
from tests.integration.media_pipeline.hostile_films import FILMS
from tests.integration.media_pipeline.hostile_texts import MISTAKEN, redirecting

_CPU_S, _FILES = 20.0, 25


def measure() -> Iterator[Measured]:
    """Take every file in like an upload and run its job."""
    wrong: list[str] = []
    costs: list[float] = []
    with listening() as (port, callers), TemporaryDirectory() as name:
        for what, code, content in _files(Path(name), port):
            before = children_cpu_s()
            job = request_transcode(register_source(ContentFile(content, name="film.mp4"), name="film.mp4"))
            ended = run_job(job.pk)
            costs.append(children_cpu_s() - before)
            if ended != code:
                wrong.append(f"{what}: {ended} instead of {code}")
    yield Measured(8, Line("hostile files tried", len(costs), "", _FILES, True))
    yield Measured(8, Line(f"not ended as expected{''.join(f'; {case}' for case in wrong)}", len(wrong), "", 0))
    yield Measured(8, Line("connections made", len(callers), "", 0))
    yield Measured(8, Line("most processor time for one", max(costs), "s", _CPU_S))


def _files(folder: Path, port: int) -> Iterator[tuple[str, str, bytes]]:
    """What it is, the code it must end with, its bytes."""
    for case in FILMS:
        yield case.name, case.code, case.make(partial(clip, folder))
    for what, content in redirecting(port).items():
        yield what, "format", content
    for what, mistaken in MISTAKEN.items():
        yield what, "format", mistaken()
