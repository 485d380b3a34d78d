"""Unusual files that must come out right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.runner import run_job

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]
Ffmpeg = Callable[..., Path]
SINE = ("-f", "lavfi", "-i", "sine=300:d=4")


def outcome(job: TranscodeJob) -> dict[str, Rendition]:
    assert run_job(job.pk) == "published"
    return {rendition.name: rendition for rendition in Rendition.objects.filter(source=job.source)}


def picture(size: str) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=4")


def test_odd_sizes_444_and_ten_bits_become_plain_420(job_for: Take, ffmpeg: Ffmpeg) -> None:
    clip = ffmpeg(
        "odd.mkv", *picture("641x363"), *SINE, "-c:v", "libx264", "-pix_fmt", "yuv444p10le", "-preset", "ultrafast"
    )
    made = outcome(job_for(clip))
    assert (made["h264-360"].width, made["h264-360"].height) == (636, 360)
    assert made["h264-360"].mime.startswith('video/mp4; codecs="avc1.64')


def test_a_clip_filmed_upright_stays_upright(job_for: Take, ffmpeg: Ffmpeg) -> None:
    flat = ffmpeg("flat.mp4", *picture("640x360"), "-c:v", "libx264", "-preset", "ultrafast")
    turned = ffmpeg("turned.mp4", "-display_rotation", "90", "-i", str(flat), "-c", "copy")
    made = outcome(job_for(turned))
    assert (made["h264-240"].width, made["h264-240"].height) == (240, 426)


def test_sound_alone_gives_the_two_sounds_and_nothing_else(job_for: Take, ffmpeg: Ffmpeg) -> None:
    made = outcome(job_for(ffmpeg("alone.mp3", *SINE, "-c:a", "libmp3lame")))
    assert sorted(made) == ["aac-24", "opus-16"]
    assert made["opus-16"].mime == 'audio/mp4; codecs="opus"'
    assert made["aac-24"].mime == 'audio/mp4; codecs="mp4a.40.2"'


def test_sound_with_a_cover_gives_its_cover_as_poster(job_for: Take, ffmpeg: Ffmpeg, clips: Path) -> None:
    cover = clips / "cover.jpg"
    Image.new("RGB", (301, 201), "#14507a").save(cover)
    clip = ffmpeg(
        "covered.m4a", *SINE, "-i", str(cover), "-map", "0:a", "-map", "1:v", "-c:v", "copy",
        "-disposition:v", "attached_pic",
    )  # fmt: skip
    made = outcome(job_for(clip))
    assert sorted(made) == ["aac-24", "opus-16", "poster"]
    with Image.open(default_store().path(made["poster"].sha256)) as poster:
        assert poster.format == "WEBP"
        assert poster.size == (made["poster"].width, made["poster"].height)


def test_a_silent_film_gives_a_muxed_copy_without_sound(job_for: Take, ffmpeg: Ffmpeg) -> None:
    made = outcome(job_for(ffmpeg("mute.mp4", *picture("426x240"), "-c:v", "libx264", "-preset", "ultrafast")))
    assert sorted(made) == ["h264-240", "muxed-240", "poster"]


def test_the_default_of_many_sound_tracks_is_the_one_heard(job_for: Take, ffmpeg: Ffmpeg) -> None:
    tracks = [word for _number in range(12) for word in ("-map", "0:a")]
    clip = ffmpeg("many.mkv", *SINE, *tracks, "-c:a", "aac", "-disposition:a:0", "0", "-disposition:a:7", "default")
    made = outcome(job_for(clip))
    assert sorted(made) == ["aac-24", "opus-16"]
    assert TranscodeJob.objects.get().source.probe["audio"]["index"] == 7


def test_a_name_with_dashes_colons_and_quotes_is_only_a_name(job_for: Take, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    strange = tmp_path / "-i: 'a' \"课\".mp3"
    strange.write_bytes(ffmpeg("alone.mp3", *SINE, "-c:a", "libmp3lame").read_bytes())
    assert sorted(outcome(job_for(strange))) == ["aac-24", "opus-16"]


def test_sound_that_begins_late_keeps_its_place(job_for: Take, ffmpeg: Ffmpeg) -> None:
    clip = ffmpeg(
        "late.mkv", *picture("426x240"), "-itsoffset", "2", "-f", "lavfi", "-i", "sine=300:d=2",
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac",
    )  # fmt: skip
    made = outcome(job_for(clip))
    assert made["opus-16"].duration_s == pytest.approx(4.0, abs=0.15)
