"""Hostile and broken uploads: the expected reason, nothing half-written, the original kept, no connection made."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from media_pipeline import selectors, services
from media_pipeline.encoder import Encoder
from media_pipeline.errors import DiskFull, EmptyFile, EncodeFailed
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.outputs import silent_tick
from media_pipeline.plan import plan
from media_pipeline.presets import ladder
from media_pipeline.probe import probe
from media_pipeline.runner import run_job

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]
Ffmpeg = Callable[..., Path]


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port that notes who connects."""
    seen: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                seen.append(address)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], seen
        ended.set()
        thread.join()


def assert_refused(job: TranscodeJob, code: str, rooms: Path) -> None:
    """Failed with that code and a message in both languages; nothing left but the original."""
    assert run_job(job.pk) == code
    status = selectors.job_status(job.source)
    assert (status.state, status.error_code, status.can_retry) == ("failed", code, True)
    assert status.error_message and status.error_message_en
    assert status.renditions == []
    assert not Rendition.objects.exists()
    assert not [path for path in (rooms / "objects").rglob("*") if path.is_file()]
    assert not [path for path in (rooms / "work").rglob("*") if path.is_file()]
    assert default_storage.exists(job.source.storage_name)


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_playlist_named_mp4_is_refused_and_no_connection_is_made(
    job_for: Take, rooms: Path, tmp_path: Path, listener: tuple[int, list[object]]
) -> None:
    port, seen = listener
    address = f"http://127.0.0.1:{port}/x.ts"
    texts = {
        "hls.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{address}\n#EXT-X-ENDLIST\n",
        "concat.mp4": f"ffconcat version 1.0\nfile {address}\n",
        "session.mp4": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
        "dash.mp4": f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{address}</BaseURL></MPD>',
    }
    for name, text in texts.items():
        assert_refused(job_for(write(tmp_path, name, text.encode())), "format", rooms)
    assert seen == []


@pytest.mark.parametrize(
    "content",
    [b"this is only text\n" * 50, b"<!DOCTYPE html><html><body>404</body></html>", random.Random(3).randbytes(50_000)],
    ids=["text", "html", "random"],
)
def test_what_is_no_media_at_all_is_refused_by_the_probe(
    job_for: Take, rooms: Path, tmp_path: Path, content: bytes
) -> None:
    assert_refused(job_for(write(tmp_path, "lecture.mp4", content)), "probe", rooms)


def test_an_empty_upload_is_refused_at_the_door(rooms: Path) -> None:
    with pytest.raises(EmptyFile):
        services.register_source(ContentFile(b"", name="empty.mp4"), name="empty.mp4")
    assert not MediaSource.objects.exists()
    assert not (rooms / "media").exists()


def test_a_film_without_its_index_is_refused_by_the_probe(
    job_for: Take, rooms: Path, tmp_path: Path, ffmpeg: Ffmpeg, lecture: Path
) -> None:
    whole = ffmpeg("index-behind.mp4", "-i", str(lecture), "-c", "copy").read_bytes()
    assert_refused(job_for(write(tmp_path, "cut.mp4", whole[: len(whole) // 2])), "probe", rooms)


def test_a_truncated_film_is_refused_although_ffmpeg_would_say_it_is_fine(
    job_for: Take, rooms: Path, tmp_path: Path, ffmpeg: Ffmpeg, lecture: Path
) -> None:
    faststart = lecture.read_bytes()
    assert_refused(job_for(write(tmp_path, "cut.mp4", faststart[: len(faststart) // 2])), "verify", rooms)
    matroska = ffmpeg("whole.mkv", "-i", str(lecture), "-c", "copy").read_bytes()
    assert_refused(job_for(write(tmp_path, "cut.mkv", matroska[: len(matroska) // 2])), "verify", rooms)


def test_a_film_with_many_flipped_bits_is_refused(job_for: Take, rooms: Path, tmp_path: Path, lecture: Path) -> None:
    content, chance = bytearray(lecture.read_bytes()), random.Random(1)
    for _number in range(60):
        content[chance.randrange(len(content) // 10, len(content))] ^= 1 << chance.randrange(8)
    job = job_for(write(tmp_path, "flipped.mp4", bytes(content)))
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "verify")


def test_an_unlisted_codec_is_refused_by_name(job_for: Take, rooms: Path, ffmpeg: Ffmpeg) -> None:
    clip = ffmpeg("magic.avi", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=1", "-c:v", "magicyuv")
    assert_refused(job_for(clip), "codec", rooms)


def test_a_picture_of_16000_squared_is_refused(job_for: Take, rooms: Path, ffmpeg: Ffmpeg) -> None:
    clip = ffmpeg("big.avi", "-f", "lavfi", "-i", "color=s=16000x16000:r=5:d=0.2", "-c:v", "mjpeg")
    assert_refused(job_for(clip), "pixels", rooms)


def test_two_frames_that_claim_two_hundred_thousand_seconds_are_refused(
    job_for: Take, rooms: Path, tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    clip = ffmpeg("two.mkv", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=1:d=2", "-c:v", "libx264").read_bytes()
    element = clip.index(b"\x44\x89\x88")  # Duration, an eight-byte float in milliseconds
    lying = clip[: element + 3] + struct.pack(">d", 200_000_000.0) + clip[element + 11 :]
    assert_refused(job_for(write(tmp_path, "lying.mkv", lying)), "duration", rooms)


def test_a_disk_without_room_is_told_before_anything_is_encoded(job_for: Take, rooms: Path, lecture: Path) -> None:
    job = job_for(lecture)
    assert run_job(job.pk, free=lambda _folder: 5 << 20) == "disk-full"
    status = selectors.job_status(job.source)
    assert "MB" in status.error_message
    assert not Rendition.objects.exists()
    services.retry(TranscodeJob.objects.get())
    assert run_job(job.pk) == "published"


def test_a_disk_that_fills_up_in_mid_encode_is_told_as_such(tmp_path: Path, lecture: Path) -> None:
    facts = probe(lecture, silent_tick)
    work = plan(facts, ladder())
    encoder = Encoder(lecture, facts, tmp_path, ladder(), needed_bytes=1 << 30)
    for item in work.video:
        (tmp_path / f"{item.rung.name}.mp4").symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        list(encoder.picture(work.video, silent_tick))


def test_an_output_that_grows_beyond_its_bound_is_stopped(tmp_path: Path, lecture: Path) -> None:
    facts = probe(lecture, silent_tick)
    encoder = Encoder(lecture, facts, tmp_path, ladder(), needed_bytes=10_000)
    with pytest.raises(EncodeFailed):
        list(encoder.picture(plan(facts, ladder()).video, silent_tick))


def test_an_original_that_has_gone_is_told_as_such(job_for: Take, rooms: Path, lecture: Path) -> None:
    job = job_for(lecture)
    default_storage.delete(job.source.storage_name)
    assert run_job(job.pk) == "source-missing"
