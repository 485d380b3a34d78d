"""What goes wrong around a good upload: a full disk, an output out of bounds, an original that has gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from media_pipeline import selectors, services
from media_pipeline.encoder import Encoder
from media_pipeline.errors import DiskFull, EncodeFailed
from media_pipeline.facts import SourceFacts
from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.outputs import silent_tick
from media_pipeline.picture_commands import Piece, chunk
from media_pipeline.plan import Plan, plan
from media_pipeline.presets import ladder
from media_pipeline.probe import probe
from media_pipeline.runner import run_job
from media_pipeline.supervisor import ffmpeg_executable

pytestmark = pytest.mark.django_db

Take = Callable[[Path], TranscodeJob]


def test_a_disk_without_room_is_told_before_anything_is_encoded(job_for: Take, rooms: Path, lecture: Path) -> None:
    job = job_for(lecture)
    assert run_job(job.pk, free=lambda _folder: 5 << 20) == "disk-full"
    status = selectors.job_status(job.source)
    assert "MB" in status.error_message
    assert not Rendition.objects.exists()
    services.retry(TranscodeJob.objects.get())
    assert run_job(job.pk) == "published"


def whole_film(path: Path, facts: SourceFacts, work: Plan, folder: Path) -> list[str]:
    """The command that encodes all of a film as one chunk."""
    piece = Piece(work.video[0].rate, 0, round(facts.duration_s * work.video[0].rate))
    outputs = {item: folder / f"{item.rung.name}.mp4" for item in work.video}
    return chunk(path, facts, piece, outputs, looks=folder / "hashes.txt", executable=ffmpeg_executable())


def test_a_disk_that_fills_up_in_mid_encode_is_told_as_such(tmp_path: Path, lecture: Path) -> None:
    facts = probe(lecture, silent_tick)
    work = plan(facts, ladder())
    encoder = Encoder(lecture, facts, tmp_path, ladder(), needed_bytes=1 << 30)
    for item in work.video:
        (tmp_path / f"{item.rung.name}.mp4").symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        encoder.run(whole_film(lecture, facts, work, tmp_path), silent_tick)


def test_an_output_that_grows_beyond_its_bound_is_stopped(tmp_path: Path, lecture: Path) -> None:
    facts = probe(lecture, silent_tick)
    encoder = Encoder(lecture, facts, tmp_path, ladder(), needed_bytes=10_000)
    with pytest.raises(EncodeFailed):
        encoder.run(whole_film(lecture, facts, plan(facts, ladder()), tmp_path), silent_tick)


def test_an_original_that_has_gone_is_told_as_such(job_for: Take, rooms: Path, lecture: Path) -> None:
    job = job_for(lecture)
    default_storage.delete(job.source.storage_name)
    assert run_job(job.pk) == "source-missing"
