"""What has to be done now and then so that the running product never lets its metadata expire or loses a build."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from offline.packages import services, signing
from offline.packages.repository import default_publisher, refresh_timestamp

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Chore:
    """Something to do every `every_s` seconds; the first time at once."""

    every_s: float
    work: Callable[[], object]
    due_at: float = field(default=0.0)


@dataclass(slots=True)
class Upkeep:
    """Runs what is due. One failing chore neither stops the others nor is lost: it comes again when it is due."""

    chores: Sequence[Chore]
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Do everything that is due; a second thread that comes meanwhile leaves at once."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            for chore in self.chores:
                if self.clock() >= chore.due_at:
                    chore.due_at = self.clock() + chore.every_s
                    self._do(chore)
        finally:
            self._lock.release()

    @staticmethod
    def _do(chore: Chore) -> None:
        try:
            chore.work()
        except Exception:
            logger.exception("upkeep: %s failed", getattr(chore.work, "__name__", chore.work))


def warn_of_root() -> None:
    """Say in the log that a person should renew the root (offline-package.md §3.3)."""
    state = default_publisher().state()
    if state is not None and signing.root_needs_renewal(state.root, datetime.now(UTC)):
        logger.warning(
            "the root of the package tree expires on %s: run manage.py tuf_init --renew-root", state.root.signed.expires
        )


def collect_garbage() -> None:
    """Remove metadata and manifests that were superseded long ago."""
    default_publisher().collect_garbage()


_upkeep = Upkeep(
    [
        Chore(15, services.sweep_builds),
        Chore(600, refresh_timestamp),
        Chore(24 * 3600, collect_garbage),
        Chore(24 * 3600, warn_of_root),
    ]
)


def on_swept(**kwargs: Any) -> None:
    """Receiver of `media_pipeline.signals.swept`: every few seconds, in each worker."""
    _upkeep.run()
