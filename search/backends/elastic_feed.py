"""From the outbox to Elasticsearch: what was committed is sent after the commit, and until it has arrived.

A row names a document; what is sent is what the database says when the row is read, with the document's version. So
any number of processes may send at once, twice and in any order. A row is done only when the cluster has confirmed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from search import outbox
from search.backends.elastic import ElasticBackend
from search.entries import entries_of
from search.models import SearchDocument

logger = logging.getLogger(__name__)

BATCH = 100
LATE_AFTER = timedelta(seconds=30)
"""Changes that wait for longer than this make the index too old to search in."""
LOOK_AGAIN_S = 2.0
"""How long an answer to `is_late` is good for."""


def send_waiting(backend: ElasticBackend) -> int:
    """Send everything that waits; returns how many rows were done.

    Raises:
        EngineUnavailable: the cluster did not take it. What is not done stays.
    """
    done = 0
    while rows := outbox.unsent(BATCH):
        _send(backend, {document_id for _row, document_id in rows})
        outbox.mark_sent([row for row, _document in rows])
        done += len(rows)
    return done


def _send(backend: ElasticBackend, document_ids: Collection[int]) -> None:
    there = set(SearchDocument.objects.filter(pk__in=document_ids).values_list("pk", flat=True))
    backend.write(entries_of(there), set(document_ids) - there)


@dataclass(slots=True)
class Lag:
    """Whether the index lies too far behind the database, asked of the database now and then."""

    clock: Callable[[], float] = time.monotonic
    _late: bool = False
    _good_until: float = field(default=float("-inf"))

    def is_late(self) -> bool:
        """Whether changes have waited for longer than `LATE_AFTER`."""
        if self.clock() >= self._good_until:
            self._good_until = self.clock() + LOOK_AGAIN_S
            oldest = outbox.lag().oldest
            self._late = oldest is not None and timezone.now() - oldest > LATE_AFTER
        return self._late


class Courier:
    """A thread of this process that works when it is called, so that nobody who saves ever waits for the cluster.

    What fails is not tried again here: the worker comes by every few seconds, and so does the next commit.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._called = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def call(self) -> None:
        """Ask for the work to be done, once more if it is being done now; returns at once."""
        self._called.set()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="search-courier", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while True:
            self._called.wait()
            self._called.clear()
            try:
                self._work()
            except Exception:
                logger.exception("the search index could not be fed; the worker comes back to it")
            finally:
                connections.close_all()
