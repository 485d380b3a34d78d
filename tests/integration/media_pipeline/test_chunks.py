"""Chunks: an edited lecture encodes only what changed, and several workers share one video."""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import av
import pytest
from django.db import connection
from django.utils import timezone

from media_pipeline import assistance, jobs, picture
from media_pipeline.chunks import DatabaseShelf, MemoryShelf, Shelf, Stored
from media_pipeline.encoder import Encoder
from media_pipeline.models import EncodedChunk, Rendition, TranscodeJob
from media_pipeline.objects import FolderStore, StoreDamaged, default_store
from media_pipeline.outputs import silent_tick
from media_pipeline.picture import PictureWork
from media_pipeline.plan import frame_rate, plan
from media_pipeline.presets import ladder
from media_pipeline.probe import probe
from media_pipeline.runner import run_job
from media_pipeline.supervisor import ffmpeg_executable
from tests.integration.media_pipeline.decoder_costs import clip
from tests.integration.media_pipeline.hostile_films import X264
from tests.integration.media_pipeline.stores import damage
from tests.lecture_maker import make_lecture

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]


@pytest.fixture(scope="module")
def versions(clips: Path) -> tuple[Path, Path]:
    """A lecture of two minutes, and the same with seven seconds cut out, no other pixel touched."""
    whole = make_lecture(clips / "whole.mp4", duration_s=120, slides=4, seed=7).path
    cut = clips / "cut.mp4"
    if not cut.exists():
        keep = "select='not(between(t,72,79))',setpts=N/12/TB"
        sound = "aselect='not(between(t,72,79))',asetpts=N/SR/TB"
        command = [ffmpeg_executable(), "-v", "error", "-i", str(whole), "-vf", keep, "-af", sound, "-r", "12"]
        subprocess.run(
            [*command, "-c:v", "libx264", "-qp", "0", "-preset", "veryfast", str(cut)], check=True, timeout=120
        )
    return whole, cut


def segments(rendition: Rendition) -> list[str]:
    index = json.loads(default_store().read(rendition.index_sha256, limit=1 << 20))
    return [sha256 for _length, _ms, sha256 in index["segments"]]


def rung(job: TranscodeJob, name: str) -> Rendition:
    return Rendition.objects.get(source=job.source, name=name)


def test_joined_chunks_show_every_frame_once_and_an_edited_lecture_encodes_and_ships_only_what_changed(
    job_for: Take, versions: tuple[Path, Path]
) -> None:
    first, second = (job_for(path) for path in versions)
    assert run_job(first.pk) == "published"
    for name in ("h264-360", "av1-360"):
        assert_even_steps(moments(rung(first, name)), 1440)
    assert_no_object_is_a_chunk()

    assert run_job(second.pk) == "published"
    first.refresh_from_db()
    second.refresh_from_db()
    assert second.plan["qualities"] == first.plan["qualities"], "a revision inherits the plan of the one before"
    assert second.plan["class"] == first.plan["class"]
    done = second.plan["chunks"]
    rungs = len(second.plan["qualities"])
    assert done["total"] == 4 * rungs
    assert done["encoded"] == rungs, "one chunk of four"
    assert done["reused"] == 3 * rungs
    for name in second.plan["qualities"]:
        known = set(segments(rung(first, name)))
        new = [sha256 for sha256 in segments(rung(second, name)) if sha256 not in known]
        assert len(new) <= 5, f"{name}: {len(new)} segments of ten seconds travel again"


def moments(rendition: Rendition) -> list[float]:
    """When each frame is shown, in seconds."""
    with default_store().local_file(rendition.sha256) as path, av.open(str(path)) as film:
        return [float(frame.pts * frame.time_base) for frame in film.decode(video=0) if frame.time_base]


def assert_even_steps(shown: list[float], frames: int) -> None:
    assert len(shown) == frames
    assert {round(b - a, 4) for a, b in itertools.pairwise(shown)} == {round(1 / 12, 4)}


def assert_no_object_is_a_chunk() -> None:
    needed = set()
    for rendition in Rendition.objects.all():
        needed |= {rendition.sha256, rendition.index_sha256}
    assert set(default_store().hashes()) <= needed
    assert set(EncodedChunk.objects.values_list("object_sha256", flat=True)) <= needed


@pytest.fixture(scope="module")
def two_chunks(clips: Path) -> Path:
    """A minute and a quarter of a small moving picture and a tone."""
    picture, tone = "testsrc2=s=160x90:r=10:d=75", "sine=300:d=75"
    return clip(clips, "two-chunks.mp4", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *X264, "-shortest")


def test_a_chunk_that_was_damaged_in_the_store_is_made_anew_before_it_is_joined(
    two_chunks: Path, tmp_path: Path
) -> None:
    facts = probe(two_chunks, silent_tick)
    encoder = Encoder(two_chunks, facts, tmp_path, ladder(), 1 << 30)
    maker = PictureWork(encoder, FolderStore(tmp_path / "objects"), MemoryShelf())
    cutting = maker.look(frame_rate(facts, ladder()), silent_tick).cutting
    item = plan(facts, ladder()).video[0]
    maker.encode(cutting, [item], silent_tick)
    whole = maker.join(cutting, item, silent_tick).read_bytes()
    chunks = len(cutting.stretches)
    assert maker.count.encoded == chunks >= 2

    key = maker.keys(cutting.stretches[1], [item])[item]
    damage(maker.store, maker.shelf.find([key])[key].object_sha256)
    assert maker.join(cutting, item, silent_tick).read_bytes() == whole
    assert maker.count.encoded == chunks + 1


def test_a_rung_that_was_damaged_in_the_store_is_made_anew_and_never_copied(job_for: Take, two_chunks: Path) -> None:
    job = job_for(two_chunks)
    assert run_job(job.pk) == "published"
    told = {name: rung(job, name).sha256 for name in ("h264-240", "muxed-240")}
    damage(default_store(), told["h264-240"])
    Rendition.objects.filter(name="muxed-240").delete()
    default_store().delete(told["muxed-240"])
    TranscodeJob.objects.update(state=TranscodeJob.State.RECEIVED)

    with pytest.raises(StoreDamaged):
        run_job(job.pk)
    job.refresh_from_db()
    assert not job.is_terminal, "another attempt follows"
    assert run_job(job.pk) == "published"
    for name, sha256 in told.items():
        assert rung(job, name).sha256 == sha256
        with default_store().checked_file(sha256):
            pass


def test_a_source_that_shows_other_frames_from_the_middle_is_read_from_a_copy(
    job_for: Take, lecture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary = picture.frames_digest
    wrong: list[Path] = []

    def differs_once(path: Path) -> str:
        if not wrong:
            wrong.append(path)
            return "00" * 32
        return ordinary(path)

    monkeypatch.setattr(picture, "frames_digest", differs_once)
    job = job_for(lecture)
    assert run_job(job.pk) == "published"
    assert wrong
    assert_even_steps(moments(rung(job, "h264-360")), 144)


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
def test_a_helper_makes_chunks_of_a_video_that_another_worker_holds(job_for: Take, versions: tuple[Path, Path]) -> None:
    job = job_for(versions[0])
    told: list[str] = []

    def help_soon() -> None:
        try:
            for _turn in range(600):
                if stop.wait(0.05):
                    return
                if (word := assistance.help_with(job.pk)) != "nothing to do":
                    told.append(word)
        finally:
            connection.close()

    stop = threading.Event()
    helper = threading.Thread(target=help_soon)
    helper.start()
    try:
        assert run_job(job.pk) == "published"
    finally:
        stop.set()
        helper.join()
    job.refresh_from_db()
    helped = sum(int(word.split()[0]) for word in told if word.endswith("chunks"))
    assert helped > 0, told
    assert job.plan["chunks"]["encoded"] + helped == job.plan["chunks"]["total"], "no encode was done twice"


@pytest.mark.parametrize(
    "make", [MemoryShelf, lambda: DatabaseShelf("me", timedelta(seconds=20))], ids=["memory", "rows"]
)
def test_a_shelf_finds_what_was_put_and_forgets_what_is_gone(make: Callable[[], Shelf]) -> None:
    shelf = make()
    assert shelf.claim(["aa" * 32, "bb" * 32]) == ["aa" * 32, "bb" * 32]
    assert shelf.find(["aa" * 32]) == {}
    shelf.put("aa" * 32, Stored("cc" * 32, 0, 3))
    shelf.put("aa" * 32, Stored("dd" * 32, 5, 3))
    assert shelf.find(["aa" * 32, "bb" * 32]) == {"aa" * 32: Stored("dd" * 32, 5, 3)}
    assert shelf.is_held("dd" * 32)
    assert not shelf.is_held("cc" * 32)
    shelf.forget("aa" * 32)
    assert shelf.find(["aa" * 32]) == {}


def test_two_workers_never_hold_the_same_chunk_and_a_dead_ones_claim_runs_out() -> None:
    mine, other = DatabaseShelf("me", timedelta(seconds=20)), DatabaseShelf("other", timedelta(seconds=20))
    key = "ab" * 32
    assert mine.claim([key]) == [key]
    assert other.claim([key]) == []
    other.release([key])
    assert other.claim([key]) == []
    EncodedChunk.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert other.claim([key]) == [key]
    other.put(key, Stored("cd" * 32, 0, 1))
    assert mine.claim([key]) == []


def test_help_for_a_job_that_is_over_or_not_begun_does_nothing(job_for: Take, lecture: Path) -> None:
    job = job_for(lecture)
    assert assistance.help_with(job.pk) == "nothing to do"
    assert assistance.help_with(job.pk + 1000) == "nothing to do"
    assert jobs.stopping.is_set() is False
