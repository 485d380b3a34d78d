"""A lecture of slides comes out of the pipeline as pictures with the times they are shown from."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest

from media_pipeline import presets
from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.runner import run_job
from tests.lecture_maker import make_lecture

pytestmark = pytest.mark.django_db

SECONDS = 60
MOST_KBIT_S = 25
"""media.md §6, target 4: the deck in all, with the sound that is heard with it."""


def shown(film: Path, at_s: float) -> av.VideoFrame:
    with av.open(str(film)) as container:
        return next(frame for frame in container.decode(video=0) if (frame.time or 0.0) >= at_s)


def difference(first: av.VideoFrame, second: av.VideoFrame) -> float:
    """Mean difference of the brightness of two pictures, of 255."""
    a, b = (bytes(frame.reformat(320, 180, "gray").planes[0]) for frame in (first, second))
    return sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a)


def test_a_lecture_of_slides_becomes_sharp_pictures_with_their_times_within_25_kbit_s(
    job_for: Callable[[Path], TranscodeJob], clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = presets.ladder()
    small = replace(whole, audio=whole.audio[:1], video=whole.video[:1], muxed=())
    monkeypatch.setitem(presets.LADDERS, whole.version, small)
    lecture = make_lecture(clips / "deck.mp4", duration_s=SECONDS, slides=2, seed=3)
    job = job_for(lecture.path)
    assert run_job(job.pk) == "published"
    job.refresh_from_db()
    assert job.plan["dropped"] == {}
    rows = {rendition.name: rendition for rendition in Rendition.objects.filter(source=job.source)}
    assert (rows["deck"].width, rows["deck"].height) == (1280, 720)
    assert (rows["deck"].length + rows["opus-16"].length) * 8 / 1000 / SECONDS <= MOST_KBIT_S

    content = default_store().read(rows["deck"].sha256, limit=1 << 20)
    index = json.loads(default_store().read(rows["deck"].index_sha256, limit=1 << 20))
    assert [start_ms / 1000 for _length, start_ms, _sha256 in index["slides"]] == pytest.approx(
        lecture.slide_starts_s, abs=0.1
    )
    at = 0
    for length, start_ms, sha256 in index["slides"]:
        picture, at = content[at : at + length], at + length
        assert hashlib.sha256(picture).hexdigest() == sha256
        with av.open(io.BytesIO(picture), format="webp_pipe") as still:
            slide = next(still.decode(video=0))
        assert difference(slide, shown(lecture.path, start_ms / 1000 + 15)) < 2
    assert at == len(content) == index["length"]
