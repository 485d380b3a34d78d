"""Helping with one video: chunks are made by whoever is idle, on this machine or on another.

A helper needs no lease: a chunk is known by its content, claims keep two workers from making the same one, and one made
twice is the same bytes.
"""

from __future__ import annotations

import logging
import tempfile
from fractions import Fraction
from pathlib import Path

from django.conf import settings

from media_pipeline import jobs, originals
from media_pipeline.chunks import DatabaseShelf
from media_pipeline.encoder import Encoder
from media_pipeline.errors import MediaError
from media_pipeline.facts import SourceFacts
from media_pipeline.jobs import MakesWay, WorkerStopping
from media_pipeline.models import SourceChunk, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.picture import Cutting, OtherFrames, PictureWork, Stretch
from media_pipeline.picture_commands import Piece
from media_pipeline.plan import VideoPlan, needed_bytes, plan, settled
from media_pipeline.presets import ladder
from media_pipeline.reencoding import must_make_way
from media_pipeline.runner import worker_name
from media_pipeline.supervisor import Progress, Tick

logger = logging.getLogger(__name__)


class _JobOver(Exception):
    """The job ended or was cancelled: nobody needs its chunks any more."""


def help_with(job_id: int) -> str:
    """Make free chunks of a job until there are none.

    Returns:
        How many were made, or why none, as a word for the log.
    """
    job = TranscodeJob.objects.select_related("source").filter(pk=job_id).first()
    if job is None or job.is_terminal or job.cancel_requested or "qualities" not in job.plan:
        return "nothing to do"
    root = Path(settings.WORK_DIR) / "transcode"
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"help-{job.pk}-", dir=root) as name:
        try:
            return f"{_make_chunks(job, Path(name).resolve())} chunks"
        except (_JobOver, MakesWay, WorkerStopping):
            return "stopped"
        except (MediaError, OtherFrames) as error:
            # The worker that holds the job meets the same and says so where people see it.
            logger.info("helping with job %s: %s", job_id, error)
            return "failed"


def _make_chunks(job: TranscodeJob, folder: Path) -> int:
    facts = SourceFacts.from_json(job.source.probe)
    steps = ladder(job.preset_version)
    work = plan(facts, steps)
    plans = settled([item for item in work.video if _wanted(item, job)], job.plan["qualities"], job.plan["class"])
    rate = Fraction(job.plan["rate"])
    stretches = tuple(
        Stretch(Piece(rate, row.start, row.start + row.frames), row.frames_sha256, row.looks_sha256)
        for row in job.source.chunks.filter(kind=SourceChunk.Kind.PICTURE)
    )
    shelf = DatabaseShelf(f"{worker_name()}:help", jobs.configured_policy().lease)
    with originals.local_copy(job.source, folder) as path:
        encoder = Encoder(path, facts, folder, steps, needed_bytes(work, facts.duration_s))
        maker = PictureWork(encoder, default_store(), shelf)
        maker.encode(Cutting(path, facts, stretches), plans, _watching(job), wait=False, border=lambda: _make_way(job))
    return maker.count.encoded


def _make_way(job: TranscodeJob) -> None:
    if must_make_way(job):
        raise MakesWay


def _wanted(item: VideoPlan, job: TranscodeJob) -> bool:
    return item.rung.name not in job.plan.get("dropped", {})


def _watching(job: TranscodeJob) -> Tick:
    """Ends the help when this worker is to end, or the job has ended."""

    def on_tick(_progress: Progress) -> None:
        if jobs.stopping.is_set():
            raise WorkerStopping
        now = TranscodeJob.objects.filter(pk=job.pk).exclude(state__in=TranscodeJob.TERMINAL)
        if not now.filter(cancel_requested=False).exists():
            raise _JobOver

    return on_tick
