"""What the pipeline adds to the ffmpeg work that it orders."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.core.files import File

from benchmarks.table import Line
from media_pipeline import outputs
from media_pipeline.encoder import Encoder
from media_pipeline.runner import run_job
from media_pipeline.services import register_source, request_transcode
from tests.lecture_maker import make_lecture

LIMIT = 1.05
SECONDS = 60


def measure() -> Iterator[Line]:
    """Transcode a lecture through a job, then run the same commands by hand; processor time of both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lecture = folder / "lecture.mp4"
        make_lecture(lecture, duration_s=SECONDS, slides=6)
        with lecture.open("rb") as upload:
            job = request_transcode(register_source(File(upload), name="lecture.mp4"))
        ordered: list[tuple[Sequence[str], Path]] = []
        encode = Encoder._run

        def note(self: Encoder, command: Sequence[str], on_tick: Any) -> Any:
            ordered.append((command, self.folder))
            return encode(self, command, on_tick)

        checking: list[float] = []
        check = outputs.run

        def note_check(*arguments: Any) -> Any:
            outcome = check(*arguments)
            checking.append(outcome.cpu_s)
            return outcome

        started, before = time.perf_counter(), _cpu_s()
        with patch.object(Encoder, "_run", note), patch.object(outputs, "run", note_check):
            outcome = run_job(job.pk)
        pipeline_s, wall_s = _cpu_s() - before, time.perf_counter() - started
        assert outcome == "published", outcome
        by_hand_s = _by_hand(ordered, folder / "by-hand")
    yield Line("pipeline CPU ÷ the same ffmpeg by hand", pipeline_s / by_hand_s, "", LIMIT)
    yield Line("of it: verifying what was made", sum(checking) / by_hand_s, "")
    yield Line("pipeline CPU for a second of lecture", pipeline_s / SECONDS, "s")
    yield Line("pipeline time for a second of lecture", wall_s / SECONDS, "s")


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _by_hand(ordered: list[tuple[Sequence[str], Path]], folder: Path) -> float:
    """The same commands with their outputs in a folder of ours."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    before = _cpu_s()
    for command, theirs in ordered:
        ours = [argument.replace(str(theirs), str(folder)) for argument in command]
        subprocess.run(ours, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _cpu_s() - before
