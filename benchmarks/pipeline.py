"""What the pipeline adds to the ffmpeg work that it orders."""

from __future__ import annotations

import hashlib
import re
import resource
import subprocess
import tempfile
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
SECONDS, SLIDES = 600, 24
_LONG_PIECES = re.compile(r"asetnsamples=[^\[;]*")


class _ByHand:
    """Runs each command again right after the pipeline did, so that both meet the same load on the machine.

    Attributes:
        spent_s: processor time of the commands as they would be typed: sound handed on in the pieces it comes in, no
            report of progress, filter threads as ffmpeg likes. Every output has to be the same bytes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spent_s = 0.0

    def run(self, command: Sequence[str], theirs: Path) -> None:
        """Run the command with its outputs in a folder of ours."""
        self.spent_s += self._timed(_plain(command), theirs)

    def _timed(self, command: list[str], theirs: Path) -> float:
        ours = [argument.replace(str(theirs), str(self.folder)) for argument in command]
        before = _children_cpu_s()
        subprocess.run(ours, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        spent = _children_cpu_s() - before
        for made in self.folder.iterdir():
            assert _sha256(made) == _sha256(theirs / made.name), f"{made.name} by hand is another file"
            made.unlink()
        return spent


def _plain(command: Sequence[str]) -> list[str]:
    """The command without what the pipeline adds for itself."""
    words = list(command)
    for option in ("-progress", "-stats_period", "-filter_threads", "-filter_complex_threads"):
        if option in words:
            at = words.index(option)
            del words[at : at + 2]
    return [_LONG_PIECES.sub("anull", word) for word in words]


def measure() -> Iterator[Line]:
    """Transcode a lecture through a job, and each of its commands by hand; processor time of both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lecture = folder / "lecture.mp4"
        make_lecture(lecture, duration_s=SECONDS, slides=SLIDES)
        with lecture.open("rb") as upload:
            job = request_transcode(register_source(File(upload), name="lecture.mp4"))
        by_hand = _ByHand(folder / "by-hand")
        by_hand.folder.mkdir()
        encode, check = Encoder._run, outputs.run
        aside: list[float] = []
        checking: list[float] = []

        def also_by_hand(self: Encoder, command: Sequence[str], on_tick: Any) -> Any:
            outcome = encode(self, command, on_tick)
            begun = _cpu_s()
            by_hand.run(command, self.folder)
            aside.append(_cpu_s() - begun)
            return outcome

        def note_check(*arguments: Any) -> Any:
            outcome = check(*arguments)
            checking.append(outcome.cpu_s)
            return outcome

        before = _cpu_s()
        with patch.object(Encoder, "_run", also_by_hand), patch.object(outputs, "run", note_check):
            outcome = run_job(job.pk)
        pipeline_s = _cpu_s() - before - sum(aside)
        assert outcome == "published", outcome
    yield Line("pipeline CPU ÷ the same ffmpeg by hand", pipeline_s / by_hand.spent_s, "", LIMIT)
    yield Line("of it: decoding what was made", sum(checking) / by_hand.spent_s, "")
    yield Line("pipeline CPU for a second of lecture", pipeline_s / SECONDS, "s")


def _sha256(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cpu_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime + _children_cpu_s()
