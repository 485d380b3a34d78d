"""Unusual files that must come out right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.presets import ladder
from media_pipeline.runner import run_job

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]
Ffmpeg = Callable[..., Path]
FAST = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
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
    assert sorted(made) == ["av1-360", "h264-240", "muxed-240", "poster", "sprite"]
    assert made["av1-360"].height == 240, "no rung is larger than its source"


def test_the_default_of_sixty_sound_tracks_is_the_one_heard(job_for: Take, ffmpeg: Ffmpeg) -> None:
    tracks = [word for _number in range(60) for word in ("-map", "0:a")]
    clip = ffmpeg("many.mkv", *SINE, *tracks, "-c:a", "aac", "-disposition:a:0", "0", "-disposition:a:41", "default")
    made = outcome(job_for(clip))
    assert sorted(made) == ["aac-24", "opus-16"]
    assert TranscodeJob.objects.get().source.probe["audio"]["index"] == 41


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


SMALL = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=4")
CLIPS: dict[str, tuple[str, ...]] = {
    "hdr.mkv": (
        *SMALL, *SINE, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params",
        "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
    ),
    "changing-rate.mkv": (
        *SMALL, *SINE, *FAST, "-vf", "select='not(mod(n,5))+lt(n,25)'", "-fps_mode", "vfr", "-c:a", "aac",
    ),
    "one-frame-a-second.mp4": ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=1:d=4", *SINE, *FAST, "-c:a", "aac"),
    "interlaced.mpg": (*SMALL, *SINE, "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-c:a", "mp2"),
    "program-stream.mpg": (*SMALL, *SINE, "-c:v", "mpeg2video", "-c:a", "mp2"),
    "streams-as-they-come.flv": (*SMALL, *SINE, *FAST, "-c:a", "aac"),
    "from-the-middle.ts": (*SMALL, *SINE, *FAST, "-c:a", "aac", "-output_ts_offset", "90000"),
    "edited.mp4": (*SMALL, *SINE, *FAST, "-c:a", "aac", "-output_ts_offset", "0.5", "-use_editlist", "1"),
    "fragmented.mp4": (*SMALL, *SINE, *FAST, "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"),
    "live.mkv": (*SMALL, *SINE, *FAST, "-c:a", "aac", "-live", "1"),
    "with-a-clock.mov": (*SMALL, *SINE, *FAST, "-c:a", "pcm_s16le", "-timecode", "01:00:00:00"),
    "two-films.mkv": (
        *SMALL, *SINE, *SMALL, "-map", "0:v", "-map", "1:a", "-map", "2:v", "-c:v:0", "libx264", "-c:v:1", "magicyuv",
    ),
    "surround.mkv": (*SMALL, *SINE, *FAST, "-ac", "6", "-c:a", "ac3"),
    "old.wmv": (*SMALL, *SINE, "-c:v", "wmv2", "-c:a", "wmav2"),
    "old.avi": (*SMALL, *SINE, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "free.ogg": (*SMALL, *SINE, "-c:v", "libtheora", "-c:a", "libvorbis"),
    "two-by-two.mkv": ("-f", "lavfi", "-i", "color=s=2x2:r=5:d=4", *SINE, *FAST, "-c:a", "aac"),
    "ribbon.mkv": ("-f", "lavfi", "-i", "testsrc2=s=1600x18:r=5:d=4", *SINE, *FAST, "-c:a", "aac"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CLIPS))
def test_an_unusual_film_comes_out_whole(job_for: Take, ffmpeg: Ffmpeg, name: str) -> None:
    made = outcome(job_for(ffmpeg(name, *CLIPS[name])))
    assert {rendition.kind for rendition in made.values()} >= {"audio", "video", "muxed", "poster"}
    assert {rendition.mime.split("codecs=")[1][:5] for rendition in made.values() if rendition.kind == "video"} <= {
        '"avc1', '"av01',
    }  # fmt: skip
    for rendition in made.values():
        if rendition.kind != "poster":
            assert rendition.duration_s == pytest.approx(4.0, abs=0.6), rendition.name


def test_a_film_trimmed_by_an_edit_list_is_as_long_as_it_is_shown(job_for: Take, ffmpeg: Ffmpeg) -> None:
    whole = ffmpeg("untrimmed.mp4", *SMALL, *SINE, *FAST, "-g", "100", "-c:a", "aac")
    trimmed = ffmpeg("trimmed.mp4", "-ss", "1.5", "-i", str(whole), "-c", "copy")
    for rendition in outcome(job_for(trimmed)).values():
        if rendition.kind != "poster":
            assert rendition.duration_s == pytest.approx(2.5, abs=0.2), rendition.name


def test_a_still_with_sound_gives_the_sound_and_the_still_as_its_poster(
    job_for: Take, ffmpeg: Ffmpeg, clips: Path
) -> None:
    slide = clips / "slide.png"
    Image.new("RGB", (640, 360), "#14507a").save(slide)
    clip = ffmpeg("slide.mkv", "-i", str(slide), *SINE, "-c:v", "png", "-c:a", "aac")
    made = outcome(job_for(clip))
    assert {rendition.kind for rendition in made.values()} == {"audio", "poster"}


def test_subtitles_fonts_and_chapters_inside_a_film_are_passed_over(
    job_for: Take, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nhello\n")
    (tmp_path / "a.ttf").write_bytes(bytes(5000))
    (tmp_path / "a.txt").write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\ntitle=one\n")
    clip = ffmpeg(
        "laden.mkv", *SMALL, *SINE, "-i", str(tmp_path / "a.srt"), "-f", "ffmetadata", "-i", str(tmp_path / "a.txt"),
        "-map", "0", "-map", "1", "-map", "2", "-map_metadata", "3", *FAST, "-c:a", "aac", "-c:s", "srt",
        "-attach", str(tmp_path / "a.ttf"), "-metadata:s:t", "mimetype=application/x-truetype-font",
    )  # fmt: skip
    assert {rendition.kind for rendition in outcome(job_for(clip)).values()} >= {"audio", "video", "muxed", "poster"}


def test_bytes_behind_the_end_of_a_film_are_passed_over(job_for: Take, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    longer = tmp_path / "longer.mp4"
    longer.write_bytes(
        ffmpeg("small.mp4", *SMALL, *SINE, *FAST, "-c:a", "aac").read_bytes() + b"\x00" * 500 + b"\xa5" * 500
    )
    assert {rendition.kind for rendition in outcome(job_for(longer)).values()} >= {"audio", "video", "muxed", "poster"}


def test_a_picture_full_of_noise_keeps_to_every_cap(job_for: Take, ffmpeg: Ffmpeg) -> None:
    noise = ("-f", "lavfi", "-i", "gradients=s=640x360:r=12:n=6:seed=7:d=6,noise=alls=60:allf=t")
    made = outcome(job_for(ffmpeg("noise.mp4", *noise, *FAST, "-crf", "18")))
    rungs = [rung for rung in ladder().video if rung.name in made]
    assert len(rungs) >= 3
    for rung in rungs:
        assert made[rung.name].length * 8 / 1000 / (6 + rung.buffer_s) <= rung.max_kbps, rung.name
