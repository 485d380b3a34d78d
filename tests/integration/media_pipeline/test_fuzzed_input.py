"""Films with bytes changed at random places: each ends with a known code or is published, and none in any other way."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.errors import ERRORS_BY_CODE
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.runner import run_job
from tests.integration.media_pipeline.hostile_films import X264, pictures, tone

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]
Ffmpeg = Callable[..., Path]
CASES = 10
_BOTH = (*pictures("64x64", rate=10, seconds=1), *tone(1))
CLIPS = {
    "fuzz.mp4": (*_BOTH, *X264, "-c:a", "aac", "-movflags", "+faststart"),
    "fuzz.mkv": (*_BOTH, *X264, "-c:a", "libmp3lame"),
    "fuzz.webm": (*_BOTH, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "fuzz.opus": (*tone(1), "-c:a", "libopus"),
}


def changed(content: bytes, chance: random.Random) -> bytes:
    """One to forty bytes changed, half of the time among the headers at the beginning."""
    copy = bytearray(content)
    reach = len(copy) if chance.random() < 0.5 else min(len(copy), 1500)
    for _number in range(chance.choice((1, 3, 10, 40))):
        copy[chance.randrange(reach)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(copy)


@pytest.mark.parametrize("name", list(CLIPS))
def test_a_changed_film_is_published_or_refused_with_a_known_code(
    job_for: Take, tmp_path: Path, ffmpeg: Ffmpeg, name: str
) -> None:
    content, chance = ffmpeg(name, *CLIPS[name]).read_bytes(), random.Random(f"{name} 4")
    for number in range(CASES):
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(changed(content, chance))
        job = job_for(path)
        ended = run_job(job.pk)
        job.refresh_from_db()
        assert ended in ERRORS_BY_CODE or ended == "published", f"{name} {number}: {ended}"
        assert (job.state, job.error_code) in (("published", ""), ("failed", ended))
        if ended == "published":
            assert Rendition.objects.filter(source=MediaSource.objects.get(pk=job.source_id)).exists()
