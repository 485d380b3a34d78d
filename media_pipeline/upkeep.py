"""Chores: what has to be done now and then in a running worker, on the beat of `media_pipeline.signals.swept`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
