"""The pipeline's processor time against the same work ordered of ffmpeg by hand (media.md §6, targets 1 and 9).

Two films: a lecture of slides, which encodes so fast that everything else shows, and one whose picture moves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.core.files import File

from benchmarks.media.films import figure
from benchmarks.plain_ffmpeg import ENCODES, FINDING_OUT, ByHand, cpu_s
from benchmarks.table import Line
from media_pipeline import outputs, steps
from media_pipeline.picture import PictureWork
from media_pipeline.runner import run_job
from media_pipeline.services import register_source, request_transcode
from media_pipeline.sound import SoundWork
from tests.lecture_maker import make_lecture

LIMIT = 1.05
"""media.md §6, target 1."""
ANALYSIS_LIMIT, ANALYSIS_FROM_S = 0.02, 1800
"""media.md §6, target 9; the reel is as long for every film, so its share is carried over from a shorter one."""
SLIDES_S, TALKING_S = 600, 240
_SLIDE_S = 25

_STAGES: dict[str, list[tuple[Any, str]]] = {
    "looking at every frame": [(PictureWork, "look")],
    "finding the quality": [(steps, "find_qualities")],
    "encoding chunks": [(PictureWork, "_encode_chunk")],
    "decoding what was made": [(outputs, "decode_fully")],
    "scoring what was made": [(steps.Steps, "_measures")],
    "slides": [(steps, "make_deck")],
    "sound": [(SoundWork, name) for name in ("hear", "gain", "_whole", "_joined")],
    "small pictures": [(steps, "make_sprite")],
}


@dataclass
class Film:
    """What one film took.

    Attributes:
        pipeline_s: processor seconds of the whole job.
        stages: of it each stage; they don't overlap.
        by_hand: the same work by hand, by part.
    """

    seconds: float
    pipeline_s: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    by_hand: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measured(self, stage: str, owner: Any, name: str) -> Iterator[None]:
        """Add up what a function takes while the block lasts."""
        whole = getattr(owner, name)

        def timed(*arguments: Any, **more: Any) -> Any:
            before = cpu_s()
            try:
                return whole(*arguments, **more)
            finally:
                self.stages[stage] = self.stages.get(stage, 0.0) + cpu_s() - before

        with patch.object(owner, name, timed):
            yield


def measure() -> Iterator[Line]:
    """Transcode each film through a job, then make the same outputs by hand."""
    yield from lines("slides", slides(SLIDES_S))
    yield from lines("talking", talking(TALKING_S))


def slides(seconds: int) -> Film:
    """A lecture with a new slide every 25 s and a small inset that moves."""
    count = max(2, round(seconds / _SLIDE_S))
    return _film(lambda path: make_lecture(path, duration_s=seconds, slides=count), seconds, {"slides", "mixed"})


def talking(seconds: int) -> Film:
    """A drawn speaker who moves before a wall, with a camera's noise, and a voice."""
    return _film(lambda path: _make_talking(path, seconds), seconds, {"talking"})


def _film(make: Callable[[Path], object], seconds: float, classes: set[str]) -> Film:
    found = Film(seconds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "film.mp4"
        make(path)
        with path.open("rb") as upload:
            job = request_transcode(register_source(File(upload), name="film.mp4"))
        with ExitStack() as watched:
            for stage, places in _STAGES.items():
                for owner, function in places:
                    watched.enter_context(found.measured(stage, owner, function))
            before = cpu_s()
            outcome = run_job(job.pk)
            found.pipeline_s = cpu_s() - before
        if outcome != "published":
            raise RuntimeError(outcome)
        job.refresh_from_db()
        if job.plan["class"] not in classes:
            raise RuntimeError(f"measured as {classes}, but it is {job.plan['class']}")
        found.by_hand = ByHand(job, path, folder).parts()
    return found


def lines(name: str, film: Film) -> Iterator[Line]:
    """What was found about one film."""
    whole_s = sum(film.by_hand.values())
    encodes_s = sum(film.by_hand[part] for part in ENCODES)
    yield Line(f"{name}: pipeline CPU ÷ the same work by plain ffmpeg", film.pipeline_s / whole_s, "", LIMIT)
    known_s = whole_s - sum(film.by_hand[part] for part in FINDING_OUT)
    yield Line(f"{name}: pipeline CPU ÷ plain ffmpeg for who knows film and qualities", film.pipeline_s / known_s, "")
    yield Line(f"{name}: pipeline CPU ÷ plain ffmpeg's encodes alone", film.pipeline_s / encodes_s, "")
    long_s = encodes_s * max(1.0, ANALYSIS_FROM_S / film.seconds)
    tried_s = film.stages["finding the quality"]
    title = f"{name}: finding the quality ÷ encodes, at 30 minutes"
    yield Line(title, tried_s / long_s, "", ANALYSIS_LIMIT)
    rest_s = film.pipeline_s - sum(film.stages.values())
    for stage, spent_s in (film.stages | {"joining, storing, the rest": rest_s}).items():
        yield Line(f"{name}: of the pipeline, {stage}", spent_s / whole_s, "")
    for part, spent_s in film.by_hand.items():
        yield Line(f"{name}: by hand, {part}", spent_s / whole_s, "")
    yield Line(f"{name}: pipeline CPU for a second of film", film.pipeline_s / film.seconds, "s")


def _make_talking(path: Path, seconds: int) -> None:
    spoken = path.with_name("spoken.mp4")
    make_lecture(spoken, duration_s=seconds, slides=2)
    figure(path.parent, spoken, path, seconds)
