"""Runs one job under its lease, and helps with the chunks of another's (`steps` has what is done)."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from media_pipeline import jobs, originals, reencoding, selectors, services
from media_pipeline.chunks import DatabaseShelf
from media_pipeline.errors import DiskFull, MediaError
from media_pipeline.facts import SourceFacts
from media_pipeline.jobs import CancelRequested, Lease, LeaseLost, MakesWay, WorkerStopping
from media_pipeline.leases import LeasePolicy, Take
from media_pipeline.models import Rendition, SourceChunk, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.picture import Cutting
from media_pipeline.plan import needed_bytes, plan
from media_pipeline.presets import ladder
from media_pipeline.sound import SoundPiece
from media_pipeline.steps import Steps

logger = logging.getLogger(__name__)

State = TranscodeJob.State


def worker_name() -> str:
    """Who holds a lease: machine, process and thread, for people who look into the table."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.current_thread().name}"[:80]


def free_bytes(folder: Path) -> int:
    """Room left on the file system of the folder."""
    return shutil.disk_usage(folder).free


def run_job(job_id: int, *, policy: LeasePolicy | None = None, free: Callable[[Path], int] = free_bytes) -> str:
    """Bring one job as far as it goes.

    Args:
        policy: the installation's where absent.
        free: tells the room left in a folder.

    Returns:
        A word for the log: how the job ended, or why this worker left it alone.

    Raises:
        Exception: something nobody anticipated; the job was handed back and will be tried again a few times.
    """
    lease = jobs.take(job_id, worker_name(), policy=policy or jobs.configured_policy())
    if isinstance(lease, Take):
        return lease.value
    try:
        with _workspace(lease) as folder:
            _work(lease, folder, free)
            lease.finish()
        return str(State.PUBLISHED)
    except LeaseLost:
        return "lost"
    except WorkerStopping:
        return _quietly(lambda: lease.hand_back(blameless=True), "handed-back")
    except MakesWay:
        return _quietly(lease.step_aside, "made-way")
    except CancelRequested:
        return _quietly(lease.cancelled, str(State.CANCELLED))
    except MediaError as error:
        logger.info("job %s failed: %s", job_id, error.code)
        failure = error
        return _quietly(lambda: lease.fail(failure), error.code)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            _quietly(lambda: lease.hand_back(blameless=False), "")
            raise
        return _quietly(lambda: lease.fail(DiskFull(needed_mb=_megabytes(lease))), DiskFull.code)
    except Exception:
        logger.exception("job %s met an unexpected error", job_id)
        _quietly(lambda: lease.hand_back(blameless=False), "")
        raise


def _work(lease: Lease, folder: Path, free: Callable[[Path], int]) -> None:
    shelf = DatabaseShelf(worker_name(), jobs.configured_policy().lease)
    with originals.local_copy(lease.source, folder) as path:
        Steps(JobDesk(lease), path, folder, default_store(), shelf, free).all()


def _quietly(write: Callable[[], None], word: str) -> str:
    """Make the last write of a job; a worker that was overtaken in the meantime has nothing to say."""
    try:
        write()
    except LeaseLost:
        return "lost"
    return word


def _megabytes(lease: Lease) -> int:
    """What the job still needs, for the message; its source's length where no plan was made."""
    stored = lease.source.probe
    if "duration_s" not in stored:
        return max(1, lease.source.length >> 20)
    facts = SourceFacts.from_json(stored)
    return needed_bytes(plan(facts, ladder(lease.job.preset_version)), facts.duration_s) >> 20


@contextmanager
def _workspace(lease: Lease) -> Iterator[Path]:
    """A folder of this lease alone; folders that overtaken or killed workers left are removed."""
    root = Path(settings.WORK_DIR) / "transcode"
    for stale in root.glob(f"{lease.job.pk}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    folder = (root / f"{lease.job.pk}-{lease.token}").resolve()
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class JobDesk:
    """A job's desk: what a run reports goes into the database, under the lease."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.source = lease.source
        self.ladder = ladder(lease.job.preset_version)
        self.stored_plan: dict[str, Any] = dict(lease.job.plan)
        self._progress = lease.job.progress

    def step(self, state: str, label: str, progress: float) -> None:
        """See `steps.Desk`; progress never falls."""
        self._progress = max(self._progress, progress)
        self.lease.step(state, label, self._progress)

    def tick(self, progress: float) -> None:
        """See `steps.Desk`."""
        self._progress = max(self._progress, progress)
        self.lease.tick(self._progress)

    def border(self) -> None:
        """See `steps.Desk`; a re-encode lets an upload go first, and goes on here when it has its turn again.

        Raises:
            MakesWay: an upload waits.
        """
        if reencoding.must_make_way(self.lease.job):
            raise MakesWay

    def remember_plan(self, plan: dict[str, Any]) -> None:
        """See `steps.Desk`."""
        self.lease.remember_plan(plan)

    def remember_facts(self, *, duration_s: float, facts: dict[str, Any]) -> None:
        """See `steps.Desk`."""
        self.lease.remember_facts(duration_s=duration_s, facts=facts)

    def remember_chunks(self, cutting: Cutting) -> dict[str, Any]:
        """See `steps.Desk`."""
        chunks = [(s.piece.start, s.piece.frames, s.frames_sha256, s.looks_sha256) for s in cutting.stretches]
        self.lease.remember_chunks(SourceChunk.Kind.PICTURE, chunks)
        return selectors.plan_of_earlier_version(self.source, self.ladder.version)

    def remember_sound(self, pieces: Sequence[SoundPiece]) -> float | None:
        """See `steps.Desk`."""
        chunks = [(piece.begin, piece.frames, piece.sha256, "") for piece in pieces]
        self.lease.remember_chunks(SourceChunk.Kind.SOUND, chunks)
        return selectors.gain_of_earlier_version(self.source)

    def renditions(self) -> list[Rendition]:
        """See `steps.Desk`."""
        return list(Rendition.objects.filter(source=self.source, preset_version=self.ladder.version))

    def publish(self, rendition: Rendition) -> None:
        """See `steps.Desk`; takes the place of a row whose object was lost."""
        old = Rendition.objects.filter(
            source=rendition.source, name=rendition.name, preset_version=rendition.preset_version
        ).first()
        if old is not None:
            rendition.pk, rendition.created_at = old.pk, old.created_at
        self.lease.publish(rendition)

    def call_for_help(self) -> None:
        """See `steps.Desk`."""
        services.call_for_help(self.lease.job)
