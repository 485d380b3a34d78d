"""One job from its source to its last rung: probe, plan, sound, poster, picture, muxed copy.

Each step looks first what is there already, so that a job taken over goes on where the last worker was killed;
each rung is recorded as soon as it is verified, the sound before all else (media.md §4).
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from media_pipeline import jobs, originals
from media_pipeline.encoder import Encoder
from media_pipeline.errors import DiskFull, MediaError
from media_pipeline.facts import SourceFacts
from media_pipeline.jobs import CancelRequested, Lease, LeaseLost, WorkerStopping
from media_pipeline.leases import LeasePolicy, Take
from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.objects import ObjectStore, default_store
from media_pipeline.outputs import Made, Verified, store_media, store_poster, verified, verify_copy
from media_pipeline.plan import Plan, exceeds_source, needed_bytes, plan
from media_pipeline.presets import ladder
from media_pipeline.probe import probe
from media_pipeline.supervisor import Progress, Tick

logger = logging.getLogger(__name__)

State = TranscodeJob.State
_PROBED, _SOUND, _POSTER, _PICTURE, _MUXED = 0.02, 0.20, 0.22, 0.96, 0.99
"""Progress of the whole job at the end of each stage; the shares are those of the processor time."""
_SOUND_ONLY = 0.95
_VERIFYING_SHARE = 0.9
"""The encoder's part of a stage; the rest is verification."""


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
            _Run(lease, folder, default_store(), free).all_steps()
        return str(State.PUBLISHED)
    except LeaseLost:
        return "lost"
    except WorkerStopping:
        return _quietly(lambda: lease.hand_back(blameless=True), "handed-back")
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


class _Run:
    """The steps of one job under one lease."""

    def __init__(self, lease: Lease, folder: Path, store: ObjectStore, free: Callable[[Path], int]) -> None:
        self.lease = lease
        self.folder = folder
        self.store = store
        self._free = free
        self.ladder = ladder(lease.job.preset_version)
        self._dropped: dict[str, str] = dict(lease.job.plan.get("dropped", {}))

    def all_steps(self) -> None:
        """From the source to the last rung."""
        with originals.local_copy(self.lease.source, self.folder) as path:
            facts = self._facts(path)
            work = self._plan(facts)
            encoder = Encoder(path, facts, self.folder, self.ladder, needed_bytes(work, facts.duration_s))
            self._sound(encoder, work)
            self._poster(encoder, work)
            self._picture(encoder, work)
            self._muxed(encoder, work)
        self.lease.finish()

    def _tick(self, begin: float, end: float, duration_s: float) -> Tick:
        """Turns ffmpeg's seconds into the job's progress between `begin` and `end`."""

        def on_tick(progress: Progress) -> None:
            done = min(1.0, progress.seconds / duration_s) if duration_s else 0.0
            self.lease.tick(begin + (end - begin) * done)

        return on_tick

    def _facts(self, path: Path) -> SourceFacts:
        source = self.lease.source
        if "demuxer" in source.probe:
            return SourceFacts.from_json(source.probe)
        self.lease.step(State.RECEIVED, "检测文件", 0.0)
        facts = probe(path, self._tick(0.0, _PROBED, 0.0))
        self.lease.remember_facts(duration_s=facts.duration_s, facts=facts.as_json())
        self.lease.step(State.PROBED, "检测完成", _PROBED)
        return facts

    def _plan(self, facts: SourceFacts) -> Plan:
        work = plan(facts, self.ladder)
        self._remember(work)
        self.lease.step(State.PLANNED, "制定转码方案", _PROBED)
        free, needed = self._free(self.folder), needed_bytes(work, facts.duration_s)
        if free < needed:
            raise DiskFull(needed_mb=(needed - free) >> 20 or 1)
        return work

    def _remember(self, work: Plan) -> None:
        kept = [name for name in work.names if name not in self._dropped]
        self.lease.remember_plan({"rungs": kept, "dropped": self._dropped})

    def _present(self) -> dict[str, Rendition]:
        """Rungs that are recorded and whose objects are really there, by name."""
        rows = Rendition.objects.filter(source=self.lease.source, preset_version=self.ladder.version)
        found = {}
        for row in rows:
            if self.store.exists(row.sha256) and (not row.index_sha256 or self.store.exists(row.index_sha256)):
                found[row.name] = row
        return found

    def _record(self, file: Verified, mime: str = "") -> None:
        rendition = store_media(file, self.store, self.lease.source, self.ladder.version)
        rendition.mime = mime or rendition.mime
        self._save(rendition)

    def _save(self, rendition: Rendition) -> None:
        """Record a rung, in place of a row whose object was lost."""
        old = Rendition.objects.filter(
            source=rendition.source, name=rendition.name, preset_version=rendition.preset_version
        ).first()
        if old is not None:
            rendition.pk, rendition.created_at = old.pk, old.created_at
        self.lease.publish(rendition)

    def _sound(self, encoder: Encoder, work: Plan) -> None:
        present = self._present()
        missing = [rung for rung in work.audio if rung.name not in present]
        if not missing or encoder.facts.audio is None:
            return
        end = _SOUND if work.video else _SOUND_ONLY
        middle = _PROBED + (end - _PROBED) / 3
        duration_s = encoder.facts.audio.end_s
        self.lease.step(State.ENCODING, "测量响度", _PROBED)
        gain_db = encoder.measure_gain(self.lease.source.probe, self._tick(_PROBED, middle, duration_s))
        self.lease.remember_facts(
            duration_s=encoder.facts.duration_s, facts={**encoder.facts.as_json(), "gain_db": gain_db}
        )
        self.lease.step(State.ENCODING, "转码声音", middle)
        encoded = middle + (end - middle) * _VERIFYING_SHARE
        made = encoder.sound(missing, gain_db, self._tick(middle, encoded, duration_s))
        for sound in verified(made, self._tick(encoded, end, len(made) * duration_s)):
            self._record(sound)
        self.lease.beat(end)

    def _poster(self, encoder: Encoder, work: Plan) -> None:
        if work.poster is None or work.poster.name in self._present():
            return
        self.lease.step(State.ENCODING, "截取封面", self.lease.job.progress)
        path = encoder.poster(work.poster, self._tick(0.0, 0.0, 0.0))
        self._save(store_poster(path, work.poster.name, self.store, self.lease.source, self.ladder.version))
        self.lease.beat(_POSTER if work.video else _SOUND_ONLY)

    def _picture(self, encoder: Encoder, work: Plan) -> None:
        present = self._present()
        wanted = [item for item in work.video if item.rung.name not in self._dropped]
        missing = [item for item in wanted if item.rung.name not in present]
        if not missing or encoder.facts.video is None:
            return
        heights = "、".join(f"{item.rung.height}p" for item in missing)
        self.lease.step(State.ENCODING, f"转码画面 {heights}", _POSTER)
        encoded = _POSTER + (_PICTURE - _POSTER) * _VERIFYING_SHARE
        duration_s = encoder.facts.duration_s
        made = encoder.picture(missing, self._tick(_POSTER, encoded, duration_s))
        kept = [item for item in made if not self._drop(item, work, encoder.facts.video.bit_rate, duration_s)]
        self.lease.step(State.PACKAGED, "核验画面", encoded)
        for picture in verified(kept, self._tick(encoded, _PICTURE, len(kept) * duration_s)):
            self._record(picture)
        self.lease.step(State.VERIFIED, "画面核验完成", _PICTURE)

    def _drop(self, made: Made, work: Plan, source_bps: int, duration_s: float) -> bool:
        """Whether a picture came out larger than the source's own, which is then remembered."""
        bps = made.path.stat().st_size * 8 / duration_s
        lowest = made.promise.name == work.video[0].rung.name
        if not exceeds_source(encoded_bps=bps, source_bps=source_bps, is_lowest=lowest):
            return False
        self._dropped[made.promise.name] = "larger-than-source"
        self._remember(work)
        return True

    def _muxed(self, encoder: Encoder, work: Plan) -> None:
        present = self._present()
        for rung in work.muxed:
            if rung.name in present:
                continue
            picture, sound = present[rung.video], present.get(rung.audio)
            self.lease.step(State.VERIFIED, "合成单文件", _PICTURE)
            joined = encoder.muxed(rung, picture, sound, self.store, self._tick(_PICTURE, _MUXED, 0.0))
            with joined as (made, mime):
                self._record(verify_copy(made), mime)
