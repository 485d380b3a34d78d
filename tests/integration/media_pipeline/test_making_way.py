"""A background re-encode lets a waiting upload go first, at the border of two chunks, and loses none of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from media_pipeline import assistance, reencoding
from media_pipeline.chunks import DatabaseShelf
from media_pipeline.models import EncodedChunk, MediaSource, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.reencode_rules import NEVER
from media_pipeline.runner import run_job

pytestmark = pytest.mark.django_db

State = TranscodeJob.State


@pytest.fixture
def reencode(job_for: Callable[[Path], TranscodeJob], ffmpeg: Callable[..., Path]) -> TranscodeJob:
    """A small film of several chunks that was transcoded before, under an older ladder."""
    film = ffmpeg("borders.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=12:d=90", "-pix_fmt", "yuv420p")
    job = job_for(film)
    TranscodeJob.objects.filter(pk=job.pk).delete()
    TranscodeJob.objects.create(source=job.source, preset_version="2025.9", state=State.PUBLISHED)
    return TranscodeJob.objects.create(source=job.source, preset_version=job.preset_version, dispatched_at=NEVER)


def upload(*, dispatched_s_ago: float, held: bool = False) -> TranscodeJob:
    """Another video that nobody has transcoded yet."""
    now = timezone.now()
    source = MediaSource.objects.create(sha256=f"{MediaSource.objects.count():064x}", storage_name="x", length=1)
    return TranscodeJob.objects.create(
        source=source,
        preset_version="2026.1",
        dispatched_at=now - timedelta(seconds=dispatched_s_ago),
        lease_expires_at=now + timedelta(minutes=5) if held else None,
    )


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of all chunks that are put on the shelf, and an upload that comes after the first one's last rung."""
    keys: list[str] = []
    uploads: list[TranscodeJob] = []
    ordinary = DatabaseShelf.put

    def noting(self: DatabaseShelf, key: str, *rest: object) -> None:
        ordinary(self, key, *rest)
        if not uploads and not EncodedChunk.objects.filter(object_sha256="").exists():
            uploads.append(upload(dispatched_s_ago=10))
        keys.append(key)

    monkeypatch.setattr(DatabaseShelf, "put", noting)
    return keys


def test_a_reencode_makes_way_after_a_chunk_and_goes_on_from_there(reencode: TranscodeJob, put: list[str]) -> None:
    assert reencoding.release() == 1
    assert run_job(reencode.pk) == "made-way"
    reencode.refresh_from_db()
    made = list(put)
    assert made, "a chunk was made before it made way"
    assert (reencode.state, reencode.dispatched_at, reencode.attempts) == (State.RECEIVED, NEVER, 0)
    assert reencode.lease_expires_at is None
    assert not EncodedChunk.objects.filter(object_sha256="").exists(), "nothing stays claimed"
    assert all(default_store().exists(chunk.object_sha256) for chunk in EncodedChunk.objects.all())

    assert reencoding.release() == 0, "the upload comes first"
    TranscodeJob.objects.exclude(source=reencode.source).update(state=State.PUBLISHED)
    assert reencoding.release() == 1
    assert run_job(reencode.pk) == "published", TranscodeJob.objects.get(pk=reencode.pk).error_detail
    reencode.refresh_from_db()
    assert reencode.plan["chunks"]["total"] > len(made)
    assert reencode.plan["chunks"]["reused"] == len(made)
    assert reencode.plan["chunks"]["encoded"] == reencode.plan["chunks"]["total"] - len(made), "none was made twice"


@pytest.mark.parametrize(
    "waiting", [{"dispatched_s_ago": 0.0}, {"dispatched_s_ago": 60.0, "held": True}], ids=["just come", "at work"]
)
def test_a_reencode_goes_on_while_an_idle_worker_may_take_the_upload_or_has_it(
    reencode: TranscodeJob, waiting: dict[str, float]
) -> None:
    upload(**waiting)  # type: ignore[arg-type]
    assert not reencoding.must_make_way(reencode)


def test_an_upload_makes_way_for_nobody_and_a_helper_makes_way_as_the_holder_does(reencode: TranscodeJob) -> None:
    first = upload(dispatched_s_ago=60)
    upload(dispatched_s_ago=60)
    assert not reencoding.must_make_way(first)
    with pytest.raises(assistance.MakesWay):
        assistance._make_way(reencode)
