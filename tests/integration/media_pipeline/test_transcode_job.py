"""One job on a real lecture: what comes out, and that doing it again does nothing."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.base import ContentFile, File

from media_pipeline import jobs, selectors, services
from media_pipeline.chunks import MemoryShelf
from media_pipeline.encoder import Encoder
from media_pipeline.hls import media_playlist
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.runner import run_job
from media_pipeline.segments import build_index
from media_pipeline.signals import job_finished, rendition_published
from media_pipeline.sound import SoundWork

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]
LADDER = ["opus-16", "aac-24", "h264-240", "av1-360", "h264-360", "av1-480", "muxed-240", "poster", "sprite"]


@pytest.fixture
def heard() -> Any:
    """What the signals told, in order."""
    told: list[str] = []

    def published(rendition: Rendition, **_kwargs: Any) -> None:
        told.append(rendition.name)

    def finished(**_kwargs: Any) -> None:
        told.append("finished")

    rendition_published.connect(published)
    job_finished.connect(finished)
    yield told
    rendition_published.disconnect(published)
    job_finished.disconnect(finished)


def test_a_lecture_becomes_the_whole_ladder_with_its_sound_first(
    job_for: Take, lecture: Path, heard: list[str]
) -> None:
    job = job_for(lecture)
    assert run_job(job.pk) == "published"
    status = selectors.job_status(job.source)
    assert (status.state, status.progress, status.eta_s) == ("published", 1.0, None)
    assert [rendition.name for rendition in status.renditions] == LADDER
    assert heard[:2] == ["opus-16", "aac-24"]
    assert heard[-1] == "finished"


def test_every_object_is_what_its_row_and_its_index_say(job_for: Take, lecture: Path) -> None:
    job = job_for(lecture)
    run_job(job.pk)
    store = default_store()
    for rendition in Rendition.objects.filter(source=job.source):
        content = store.path(rendition.sha256).read_bytes()
        assert hashlib.sha256(content).hexdigest() == rendition.sha256
        assert len(content) == rendition.length
        if not rendition.index_sha256 or rendition.kind == Rendition.Kind.SPRITE:
            continue
        index = json.loads(store.read(rendition.index_sha256, limit=1 << 20))
        assert index["object"] == rendition.sha256
        assert index["mime"] == rendition.mime
        assert index["init"] + sum(length for length, _ms, _sha in index["segments"]) == index["length"] == len(content)
        assert sum(ms for _length, ms, _sha in index["segments"]) == pytest.approx(12_000, abs=120)
        with store.open(rendition.sha256) as reader:
            again = build_index(reader, len(content), kind=rendition.kind, object_sha256=rendition.sha256)
        assert again.as_json() == index
        assert f"@{index['init']}" in media_playlist(index, "/b/x")


def test_pictures_and_sound_come_out_right(job_for: Take, lecture: Path) -> None:
    job = job_for(lecture)
    run_job(job.pk)
    rows = {rendition.name: rendition for rendition in selectors.renditions(job.source)}
    store = default_store()
    with av.open(str(store.path(rows["h264-360"].sha256))) as film:
        frames = [_moment(frame) for frame in film.decode(video=0)]
        keyframes = [_moment(packet) for packet in _keyframes(store.path(rows["h264-360"].sha256))]
        assert len(film.streams) == 1
    assert len(frames) == 144
    # FFmpeg's reader shows negative composition offsets as a constant shift; what counts are the distances.
    assert len(keyframes) == 1, "twelve seconds are one group of pictures"
    assert {round(b - a, 4) for a, b in itertools.pairwise(frames)} == {round(1 / 12, 4)}
    assert rows["h264-240"].mime == 'video/mp4; codecs="avc1.4d4015"'
    sprite = rows["sprite"]
    assert (sprite.width, sprite.height) == (320, 90), "a tile every ten seconds"
    assert sprite.length <= 120_000
    thumbnails = store.read(sprite.index_sha256, limit=1 << 16).decode()
    assert thumbnails.startswith("WEBVTT")
    assert thumbnails.count(f"{sprite.sha256}?type=image%2Fwebp#xywh=") == 2
    with av.open(str(store.path(rows["muxed-240"].sha256))) as both:
        assert {stream.type for stream in both.streams} == {"video", "audio"}
        starts = [float((stream.start_time or 0) * (stream.time_base or 0)) for stream in both.streams]
        assert starts == pytest.approx([0.0, 0.0], abs=0.05)
    assert rows["opus-16"].length * 8 / 12 < 20_000


def _moment(item: av.Packet[Any] | av.VideoFrame) -> float:
    """Seconds at which a frame or packet is shown."""
    assert item.pts is not None and item.time_base is not None
    return float(item.pts * item.time_base)


def _keyframes(path: Path) -> list[av.Packet[Any]]:
    with av.open(str(path)) as film:
        return [packet for packet in film.demux(video=0) if packet.is_keyframe and packet.size]


def test_the_sound_has_the_loudness_it_should_have(job_for: Take, lecture: Path, tmp_path: Path) -> None:
    job = job_for(lecture)
    run_job(job.pk)
    opus = Rendition.objects.get(source=job.source, name="opus-16")
    from media_pipeline.outputs import silent_tick
    from media_pipeline.presets import ladder
    from media_pipeline.probe import probe

    path = default_store().path(opus.sha256).resolve()
    encoder = Encoder(path, probe(path, silent_tick), tmp_path, ladder(), 1 << 30)
    maker = SoundWork(encoder, default_store(), MemoryShelf())
    correction = maker.gain(maker.hear(silent_tick), silent_tick)
    assert abs(correction) <= 1.0


def test_the_same_source_twice_is_one_source_one_job_and_no_second_encode(
    job_for: Take, lecture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(lecture)
    run_job(job.pk)
    again = job_for(lecture)
    assert again == job
    assert run_job(again.pk) == "ended"
    # Even a job that is run anew finds every rung there.
    TranscodeJob.objects.update(state="received")
    monkeypatch.setattr(Encoder, "run", lambda *_args, **_more: pytest.fail("something was encoded again"))
    assert run_job(job.pk) == "published"
    assert MediaSource.objects.count() == 1


def test_an_object_that_was_lost_is_made_again_byte_for_byte(job_for: Take, lecture: Path) -> None:
    job = job_for(lecture)
    run_job(job.pk)
    lost = Rendition.objects.get(source=job.source, name="h264-240")
    default_store().delete(lost.sha256)
    TranscodeJob.objects.update(state="received")
    assert run_job(job.pk) == "published"
    assert Rendition.objects.get(source=job.source, name="h264-240").sha256 == lost.sha256
    assert default_store().exists(lost.sha256)


def test_an_upload_outlives_the_library_entry_that_brought_it(rooms: Path, lecture: Path) -> None:
    from django.core.files.storage import default_storage

    with lecture.open("rb") as reader:
        name = default_storage.save("media/lecture.mp4", File(reader))
    with default_storage.open(name, "rb") as stored:
        source = services.register_source(stored, name="lecture.mp4")
    default_storage.delete(name)
    assert default_storage.size(source.storage_name) == source.length == lecture.stat().st_size


def test_bytes_from_memory_are_kept_too(rooms: Path) -> None:
    from django.core.files.storage import default_storage

    source = services.register_source(ContentFile(b"bytes", name="x"), name="x" * 500)
    assert default_storage.open(source.storage_name).read() == b"bytes"
    assert len(source.name) == 255


def test_a_worker_that_is_told_to_end_hands_its_job_back_without_blame(job_for: Take, lecture: Path) -> None:
    job = job_for(lecture)
    jobs.stopping.set()
    try:
        assert run_job(job.pk) == "handed-back"
    finally:
        jobs.stopping.clear()
    job.refresh_from_db()
    assert (job.attempts, job.lease_expires_at, job.is_terminal) == (0, None, False)
    assert run_job(job.pk) == "published"
