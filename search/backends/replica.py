"""The embedded engine as this machine's replica, fed by the outbox in the main database (docs/adr/0003).

The file takes over what was announced after the commit, and again before each search: whoever searches on this
machine finds whatever was committed before. A file that is new, was away for long or lies beside a database that was
set back compares all it has with the documents; so does every file once a day.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from django.db import connections, transaction
from django.db.models import Max
from django.utils import timezone

from search.backends.base import Hits, IndexEntry, Request, SearchBackend
from search.backends.embedded import EmbeddedBackend
from search.backends.stores import Store
from search.entries import entries_of, large_among
from search.models import SearchDocument, SearchOutbox, SearchReplica
from search.query import Query

logger = logging.getLogger(__name__)

SETTLED_AFTER = timedelta(minutes=2)
"""Outbox ids are given before the commit, so a lower id may appear later. Rows younger than this are looked at
again; a transaction that stays open longer is caught by the daily comparison."""
COMPARED_EVERY_S = 24 * 3600
REPORTED_EVERY_S = 60
PATIENCE_S = 0.5
"""How long a search waits for a file that is far behind; it then answers from what is there, and the next goes on."""
BATCH = 200
PATIENT_BATCH = 10
"""Documents that are taken over between two looks at the clock, when somebody waits."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS search_outbox_applied (outbox_id INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS search_outbox_mark (one INTEGER PRIMARY KEY CHECK (one = 1), settled INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO search_outbox_mark (one, settled) VALUES (1, 0)",
    "CREATE TABLE IF NOT EXISTS search_replica (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL, "
    "compared_at REAL NOT NULL, reported_at REAL NOT NULL)",
)


class ReplicaBackend(SearchBackend):
    """An FTS5 file outside the main database. `put` and `remove` write this file; changes come by the outbox."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._index = EmbeddedBackend(store)
        self._prepared = False
        self._apart = threading.Lock()

    def prepare(self) -> None:
        self._index.prepare()
        for statement in _SCHEMA:
            self.store.execute(statement)
        name = f"{socket.gethostname()[:40]} {uuid.uuid4().hex[:12]}"
        self.store.execute("INSERT OR IGNORE INTO search_replica VALUES (1, ?, 0, 0)", [name])
        self._start_over_after_a_reset()
        self._prepared = True

    def _start_over_after_a_reset(self) -> None:
        """A main database that was emptied or restored counts from below the mark again."""
        newest = SearchOutbox.objects.aggregate(newest=Max("pk"))["newest"]
        seen = self._one(
            "SELECT max(settled, coalesce((SELECT max(outbox_id) FROM search_outbox_applied), 0)) "
            "FROM search_outbox_mark"
        )
        if newest is not None and seen > newest:
            with self.store.atomic():
                self.store.execute("DELETE FROM search_outbox_applied")
                self.store.execute("UPDATE search_outbox_mark SET settled = 0")
                self.store.execute("UPDATE search_replica SET compared_at = 0")

    def put(self, entry: IndexEntry) -> None:
        self._ensure_prepared()
        self._index.put(entry)

    def put_all(self, entries: Iterable[IndexEntry]) -> int:
        self._ensure_prepared()
        return self._index.put_all(entries)

    def remove(self, document_ids: Collection[int]) -> None:
        self._ensure_prepared()
        self._index.remove(document_ids)

    def clear(self) -> None:
        self._ensure_prepared()
        self._index.clear()

    def versions(self) -> dict[int, int]:
        self.catch_up()
        return self._index.versions()

    def search(self, request: Request) -> Hits:
        self.catch_up(patience_s=PATIENCE_S)
        return self._index.search(request)

    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool = False) -> dict[int, list[int]]:
        self._ensure_prepared()
        return self._index.segments(query, document_ids, relaxed=relaxed)

    def current_store(self) -> Store:
        """The file with whatever was committed before: for what is looked up beside the engine."""
        self.catch_up(patience_s=PATIENCE_S)
        return self.store

    def catch_up(self, *, patience_s: float | None = None) -> None:
        """Take over what the outbox announced; safe to run in many processes at once.

        Not inside a transaction: what it reads there may still be rolled back, the file would keep it.

        Args:
            patience_s: give up after this time; the next one goes on from there.
        """
        self._ensure_prepared()
        if transaction.get_connection().in_atomic_block:
            return
        until = None if patience_s is None else time.monotonic() + patience_s
        batch = BATCH if until is None else PATIENT_BATCH
        if not self._is_compared() and not self._compare(until, batch):
            return
        while self._drain(batch, with_large=until is None) == batch and not _is_over(until):
            continue
        self._settle()

    def pending(self) -> int:
        """Announced changes that this file has not taken over, at most some hundreds."""
        self._ensure_prepared()
        return len(self._pending())

    def _ensure_prepared(self) -> None:
        if not self._prepared:
            self.prepare()

    def _one(self, sql: str) -> int:
        return int(self.store.execute(sql)[0][0])

    def _is_compared(self) -> bool:
        """Whether the file has been compared lately, and the main database still waits for it with its pruning."""
        name, compared_at, reported_at = self.store.execute(
            "SELECT name, compared_at, reported_at FROM search_replica"
        )[0]
        now = time.time()
        if compared_at < now - COMPARED_EVERY_S:
            return False
        if reported_at > now - REPORTED_EVERY_S:
            return True
        self.store.execute("UPDATE search_replica SET reported_at = ?", [now])
        told = {"settled": self._one("SELECT settled FROM search_outbox_mark"), "seen_at": timezone.now()}
        return bool(SearchReplica.objects.filter(name=name).update(**told))

    def _compare(self, until: float | None, batch: int) -> bool:
        """Make the file agree with the documents, a batch at a time; whether it came to the end."""
        old = SearchOutbox.objects.filter(created_at__lt=timezone.now() - SETTLED_AFTER)
        settled = old.aggregate(newest=Max("pk"))["newest"] or 0
        have, want = self._index.versions(), dict(SearchDocument.objects.values_list("pk", "version"))
        wrong = [each for each in have.keys() | want.keys() if have.get(each) != want.get(each)]
        for first in range(0, len(wrong), batch):
            if _is_over(until):
                return False
            self._take_over(wrong[first : first + batch])
        self._move_mark(settled)
        self.store.execute("UPDATE search_replica SET compared_at = ?, reported_at = ?", [time.time(), time.time()])
        (name,) = self.store.execute("SELECT name FROM search_replica")[0]
        SearchReplica.objects.update_or_create(
            name=name,
            defaults={"settled": self._one("SELECT settled FROM search_outbox_mark"), "seen_at": timezone.now()},
        )
        return True

    def _take_over(self, document_ids: Collection[int], outbox_ids: Collection[int] = ()) -> None:
        with self.store.atomic():
            self._index.remove(document_ids)
            self._index.put_all(entries_of(document_ids))
            for outbox_id in outbox_ids:
                self.store.execute("INSERT OR IGNORE INTO search_outbox_applied (outbox_id) VALUES (?)", [outbox_id])

    def _pending(self) -> list[tuple[int, int]]:
        """Rows (outbox id, document id) above the mark that are not taken over."""
        settled = self._one("SELECT settled FROM search_outbox_mark")
        rows = SearchOutbox.objects.filter(pk__gt=settled).order_by("pk").values_list("pk", "document_id")
        applied = {row[0] for row in self.store.execute("SELECT outbox_id FROM search_outbox_applied")}
        return [row for row in rows[: len(applied) + BATCH] if row[0] not in applied]

    def _drain(self, batch: int, *, with_large: bool) -> int:
        """Take over up to `batch` rows; returns how many. Without the large texts, those are left to a thread."""
        pending = self._pending()
        if not with_large and pending:
            large = large_among({document_id for _row, document_id in pending})
            if large:
                self._take_over_apart()
            pending = [row for row in pending if row[1] not in large]
        pending = pending[:batch]
        if pending:
            self._take_over({document_id for _row, document_id in pending}, [row for row, _document in pending])
        return len(pending)

    def _take_over_apart(self) -> None:
        """Catch up in a thread of its own, one in a process: nobody waits for a text of a thousand pages."""
        if self._apart.acquire(blocking=False):
            threading.Thread(target=self._catch_up_apart, name="search-replica", daemon=True).start()

    def _catch_up_apart(self) -> None:
        try:
            self.catch_up()
        except Exception:
            logger.exception("the replica could not catch up; the next search goes on")
        finally:
            connections.close_all()
            self._apart.release()

    def _settle(self) -> None:
        """Move the mark over rows that are old enough to have no younger brother still uncommitted."""
        applied = [
            row[0]
            for row in self.store.execute("SELECT outbox_id FROM search_outbox_applied ORDER BY outbox_id LIMIT 900")
        ]
        if not applied:
            return
        old = SearchOutbox.objects.filter(pk__in=applied, created_at__lt=timezone.now() - SETTLED_AFTER)
        settled = max(old.values_list("pk", flat=True), default=None)
        if settled is not None:
            self._move_mark(settled)

    def _move_mark(self, settled: int) -> None:
        with self.store.atomic():
            self.store.execute("UPDATE search_outbox_mark SET settled = ? WHERE settled < ?", [settled, settled])
            self.store.execute("DELETE FROM search_outbox_applied WHERE outbox_id <= ?", [settled])


def _is_over(until: float | None) -> bool:
    return until is not None and time.monotonic() >= until
