"""What the pipeline takes besides the ffmpeg work that anybody would order for the same rungs."""

from __future__ import annotations

import resource
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import ffmpeg
from django.core.files import File

from benchmarks import plain_sound
from benchmarks.table import Line
from media_pipeline import outputs
from media_pipeline import steps as pipeline_steps
from media_pipeline.facts import SourceFacts
from media_pipeline.models import TranscodeJob
from media_pipeline.picture import PictureWork
from media_pipeline.picture_commands import encoding, rate_text
from media_pipeline.plan import plan
from media_pipeline.presets import ladder
from media_pipeline.runner import run_job
from media_pipeline.services import register_source, request_transcode
from media_pipeline.supervisor import ffmpeg_executable
from tests.lecture_maker import make_lecture

LIMIT = 1.05
"""media.md §6, target 1."""
SECONDS, SLIDES = 600, 24


class _Spent:
    """Processor seconds of the stages that are not encoding."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measured(self, stage: str, owner: Any, name: str) -> Iterator[None]:
        """Add up what a function takes while the block lasts."""
        whole = getattr(owner, name)

        def timed(*arguments: Any, **more: Any) -> Any:
            before = _cpu_s()
            try:
                return whole(*arguments, **more)
            finally:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + _cpu_s() - before

        with patch.object(owner, name, timed):
            yield


def measure() -> Iterator[Line]:
    """Transcode a lecture through a job, then make the same rungs by two plain ffmpeg commands."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lecture = folder / "lecture.mp4"
        make_lecture(lecture, duration_s=SECONDS, slides=SLIDES)
        with lecture.open("rb") as upload:
            job = request_transcode(register_source(File(upload), name="lecture.mp4"))
        spent = _Spent()
        with (
            spent.measured("look", PictureWork, "look"),
            spent.measured("trials", pipeline_steps, "find_qualities"),
            spent.measured("decoding", outputs, "decode_fully"),
            spent.measured("scores", pipeline_steps.Steps, "_measures"),
        ):
            before = _cpu_s()
            outcome = run_job(job.pk)
            pipeline_s = _cpu_s() - before
        assert outcome == "published", outcome
        job.refresh_from_db()
        plain_s = _plainly(job, lecture, folder)
    yield Line("pipeline CPU ÷ plain ffmpeg for the same rungs", pipeline_s / plain_s, "", LIMIT)
    for stage, title in (
        ("look", "of it: hashing and watching every frame"),
        ("trials", "of it: finding the quality of the title"),
        ("decoding", "of it: decoding what was made"),
        ("scores", "of it: scoring what was made"),
    ):
        yield Line(title, spent.seconds.get(stage, 0.0) / plain_s, "")
    yield Line("pipeline CPU for a second of lecture", pipeline_s / SECONDS, "s")


def _plainly(job: TranscodeJob, lecture: Path, folder: Path) -> float:
    """Processor seconds of ffmpeg making the rungs of the job, each from one decode, as one would by hand."""
    facts = SourceFacts.from_json(job.source.probe)
    executable = ffmpeg_executable()
    steps = ladder(job.preset_version)
    work = plan(facts, steps)
    plans = [
        item.at(job.plan["qualities"][item.rung.name]) for item in work.video if item.rung.name in job.plan["rungs"]
    ]
    picture = ffmpeg.input(str(lecture))["v:0"].filter("fps", rate_text(plans[0].rate))
    copies = picture.filter_multi_output("split", len(plans))
    made = [
        ffmpeg.output(
            copies.stream(number).filter("scale", item.width, item.height).filter("format", "yuv420p"),
            str(folder / f"{item.rung.name}.mp4"),
            **encoding(item),
        )
        for number, item in enumerate(plans)
    ]
    sounds = {rung: folder / f"{rung.name}.mp4" for rung in work.audio}
    gain_db = float(job.source.probe["gain_db"])
    return sum(
        _timed(command)
        for command in (
            ffmpeg.merge_outputs(*made).compile(cmd=[executable, "-v", "error", "-y"]),
            plain_sound.loudness(lecture, executable),
            plain_sound.rungs(lecture, sounds, steps, gain_db, executable),
        )
    )


def _timed(command: Sequence[str]) -> float:
    before = _cpu_s()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _cpu_s() - before


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
