"""Hostile and broken uploads: the expected reason, nothing half-written, the original kept, no connection made.

Every file is taken in and run like an upload; what its children used is measured by the kernel (media.md §5, §6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from media_pipeline import selectors, services
from media_pipeline.errors import EmptyFile
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.runner import run_job
from tests.integration.media_pipeline.decoder_costs import children_cpu_s, listening
from tests.integration.media_pipeline.hostile_films import FILMS, Case, cut, film
from tests.integration.media_pipeline.hostile_texts import MISTAKEN, REDIRECTING_NAMES, redirecting

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]
Ffmpeg = Callable[..., Path]
CPU_SECONDS = 20.0


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port that notes who connects."""
    with listening() as (port, seen):
        yield port, seen


def assert_refused(job: TranscodeJob, code: str, rooms: Path, *, unfinished: bool = False) -> None:
    """Failed with that code and a message in both languages, cheaply; nothing left but the original.

    Args:
        unfinished: damage that only shows in the midst: what was verified before may be there.
    """
    before = children_cpu_s()
    assert run_job(job.pk) == code
    assert children_cpu_s() - before <= CPU_SECONDS
    status = selectors.job_status(job.source)
    assert (status.state, status.error_code, status.can_retry) == ("failed", code, True)
    assert status.error_message and status.error_message_en
    assert not [path for path in (rooms / "work").rglob("*") if path.is_file()]
    assert default_storage.exists(job.source.storage_name)
    if not unfinished:
        assert not Rendition.objects.exists()
        assert not [path for path in (rooms / "objects").rglob("*") if path.is_file()]


def write(folder: Path, content: bytes, name: str = "lecture.mp4") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("case", FILMS, ids=lambda case: case.name)
def test_a_hostile_film_ends_with_its_code(
    job_for: Take, rooms: Path, tmp_path: Path, ffmpeg: Ffmpeg, case: Case, listener: tuple[int, list[object]]
) -> None:
    job = job_for(write(tmp_path, case.make(ffmpeg)))
    assert_refused(job, case.code, rooms, unfinished=case.code == "verify")
    assert not Rendition.objects.filter(kind=Rendition.Kind.VIDEO).exists()
    assert listener[1] == []


@pytest.mark.parametrize("name", REDIRECTING_NAMES)
def test_a_text_that_points_elsewhere_is_refused_and_no_connection_is_made(
    job_for: Take, rooms: Path, tmp_path: Path, name: str, listener: tuple[int, list[object]]
) -> None:
    port, seen = listener
    assert_refused(job_for(write(tmp_path, redirecting(port)[name])), "format", rooms)
    assert seen == []


def test_a_playlist_behind_the_first_bytes_of_a_film_reaches_nobody_either(
    job_for: Take, rooms: Path, tmp_path: Path, listener: tuple[int, list[object]]
) -> None:
    port, seen = listener
    for head in (b"ID3\x03\x00\x00\x00\x00\x00\x00", b"\xff\xfb\x90\x64", b"OggS\x00", b"\x1a\x45\xdf\xa3"):
        assert_refused(job_for(write(tmp_path, head + redirecting(port)["m3u8"])), "probe", rooms)
    assert seen == []


@pytest.mark.parametrize("name", list(MISTAKEN))
def test_what_was_uploaded_by_mistake_is_named(job_for: Take, rooms: Path, tmp_path: Path, name: str) -> None:
    job = job_for(write(tmp_path, MISTAKEN[name]()))
    assert_refused(job, "format", rooms)
    assert "（）" not in selectors.job_status(job.source).error_message


def test_an_empty_upload_is_refused_at_the_door(rooms: Path) -> None:
    with pytest.raises(EmptyFile) as refused:
        services.register_source(ContentFile(b"", name="empty.mp4"), name="empty.mp4")
    assert refused.value.code == "probe"
    assert "0 字节" in refused.value.zh
    assert not MediaSource.objects.exists()
    assert not (rooms / "media").exists()


def test_a_file_larger_than_uploads_may_be_is_refused_before_it_is_opened(
    job_for: Take, rooms: Path, tmp_path: Path, ffmpeg: Ffmpeg, settings
) -> None:
    settings.MAX_UPLOAD_BYTES = 50_000
    job = job_for(write(tmp_path, film(ffmpeg)))
    assert_refused(job, "size", rooms)


def test_what_is_cut_but_was_made_to_be_cut_is_published_as_what_it_is(
    job_for: Take, rooms: Path, tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    job = job_for(write(tmp_path, cut(film(ffmpeg, "ts"), 0.5)))
    assert run_job(job.pk) == "published"
    assert Rendition.objects.get(name="opus-16").duration_s == pytest.approx(3.0, abs=0.7)
