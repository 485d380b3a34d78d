"""The daily collection of objects that nobody refers to (`garbage`), by a running worker, and the note of how it went.

The note lies in `STATE_DIR` beside the worker's heartbeat: the health page reads it, and a worker that is started
again sees when the last collection was. Of two workers that come at once the second finds the first one's note.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections

from media_pipeline.durable import write_stream
from media_pipeline.garbage import TooMuchGarbage, collect
from media_pipeline.locks import file_lock
from media_pipeline.objects import ObjectStore, default_store
from media_pipeline.objects_s3 import remove_upload_debris
from media_pipeline.publication import default_tree

logger = logging.getLogger(__name__)

EVERY_S = 24 * 3600.0
AGAIN_AFTER_S = 3600.0
"""A collection that failed is tried again after so long."""
LOOK_EVERY_S = 600.0
GRACE_S = 48 * 3600.0
"""An object is this old before it is laid aside, and lies aside this long before it is deleted."""
MOST_SHARE = 0.5
FREE_OBJECTS = 1000
"""A larger share of more objects than these is left to a person: more likely the database is the wrong one."""
TOO_MUCH = "too-much-garbage"
_NOTE = "objects-collected.json"


@dataclass(frozen=True, slots=True)
class Note:
    """How the last collection went.

    Attributes:
        ended_at: seconds since 1970.
        succeeded_at: of the last one that went well; 0 where there was none.
        laid_aside, deleted, restored: numbers of objects.
        uploads: cut uploads that were removed.
        error: a class's name, or TOO_MUCH; empty when it went well.
    """

    ended_at: float
    succeeded_at: float
    laid_aside: int = 0
    deleted: int = 0
    restored: int = 0
    uploads: int = 0
    error: str = ""

    def is_due(self, now: float) -> bool:
        """Whether it is time for the next one. A clock that fell back must not stop them."""
        return not 0 <= now - self.ended_at < (AGAIN_AFTER_S if self.error else EVERY_S)


def last_note(folder: Path | None = None) -> Note | None:
    """The note, or None where nothing was ever collected or the note cannot be read."""
    try:
        return Note(**json.loads(_path(folder).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def collect_when_due(
    *, clock: Callable[[], float] = time.time, store: Callable[[], ObjectStore] = default_store
) -> Note | None:
    """Collect if a day has passed since the last time; None where none was due, else how it went.

    An unreachable store, or a layer that cannot tell what it refers to, is noted and tried again in an hour.
    """
    with file_lock(Path(settings.WORK_DIR) / "collecting.lock"):
        before = last_note()
        if before is not None and not before.is_due(clock()):
            return None
        succeeded_at = before.succeeded_at if before else 0.0
        try:
            note = _collected(store(), clock())
        except TooMuchGarbage as error:
            logger.warning("objects were not collected: %s", error)
            note = Note(clock(), succeeded_at, error=TOO_MUCH)
        except Exception as error:
            # Whatever it is: what cannot be told apart from garbage is kept, and a person reads of it.
            logger.exception("objects were not collected")
            note = Note(clock(), succeeded_at, error=type(error).__name__)
        write_stream(_path(), [json.dumps(asdict(note)).encode()])
        return note


def _collected(store: ObjectStore, now: float) -> Note:
    found = collect(
        store,
        public=lambda: set(default_tree().hashes()),
        now=now,
        grace_s=GRACE_S,
        delete=True,
        is_plausible=_plausible,
    )
    uploads = remove_upload_debris()
    return Note(now, now, len(found.discarded), len(found.deleted), len(found.restored), uploads)


def _plausible(unreferenced: int, all_objects: int) -> bool:
    return all_objects <= FREE_OBJECTS or unreferenced <= MOST_SHARE * all_objects


_thread: threading.Thread | None = None


def start_collecting() -> None:
    """Look in a thread of its own, since a bucket's listing takes minutes and the sweeper must go on meanwhile."""
    global _thread
    if _thread is not None and _thread.is_alive():
        return

    def work() -> None:
        try:
            collect_when_due()
        finally:
            connections.close_all()

    _thread = threading.Thread(target=work, name="collector", daemon=True)
    _thread.start()


def _path(folder: Path | None = None) -> Path:
    return (folder or Path(settings.STATE_DIR)) / _NOTE
