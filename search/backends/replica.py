"""The embedded engine as this machine's replica, fed by the outbox in the main database (docs/adr/0003).

`put` and `remove` only write outbox rows, in the transaction of the change. The file takes them over after the
commit, and again before each search: whoever searches on this machine finds whatever was committed before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from search.backends.base import Hits, IndexEntry, Request, SearchBackend
from search.backends.embedded import EmbeddedBackend
from search.backends.stores import Store
from search.entries import entries_of
from search.models import SearchOutbox
from search.query import Query

SETTLED_AFTER = timedelta(minutes=2)
"""Outbox ids are given before the commit, so a lower id may appear later. Rows younger than this are looked at
again; a transaction that stays open longer is caught by `manage.py search_index rebuild`."""
BATCH = 200

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS search_outbox_applied (outbox_id INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS search_outbox_mark (one INTEGER PRIMARY KEY CHECK (one = 1), settled INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO search_outbox_mark (one, settled) VALUES (1, 0)",
)


class ReplicaBackend(SearchBackend):
    """An FTS5 file outside the main database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._index = EmbeddedBackend(store)
        self._prepared = False

    def prepare(self) -> None:
        self._index.prepare()
        for statement in _SCHEMA:
            self._store.execute(statement)
        self._start_over_after_a_reset()
        self._prepared = True

    def _start_over_after_a_reset(self) -> None:
        """A main database that was emptied or restored counts from below the mark again: look at all its rows."""
        newest = SearchOutbox.objects.aggregate(newest=Max("pk"))["newest"] or 0
        seen = self._store.execute(
            "SELECT max(settled, coalesce((SELECT max(outbox_id) FROM search_outbox_applied), 0)) "
            "FROM search_outbox_mark"
        )[0][0]
        if seen > newest:
            with self._store.atomic():
                self._store.execute("DELETE FROM search_outbox_applied")
                self._store.execute("UPDATE search_outbox_mark SET settled = 0")

    def put(self, entry: IndexEntry) -> None:
        self._announce([entry.document_id])

    def remove(self, document_ids: Collection[int]) -> None:
        self._announce(document_ids)

    def clear(self) -> None:
        self._ensure_prepared()
        self._index.clear()

    def versions(self) -> dict[int, int]:
        self.catch_up()
        return self._index.versions()

    def search(self, request: Request) -> Hits:
        self.catch_up()
        return self._index.search(request)

    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool = False) -> dict[int, list[int]]:
        self._ensure_prepared()
        return self._index.segments(query, document_ids, relaxed=relaxed)

    def catch_up(self) -> None:
        """Take over what the outbox announced; safe to run in many processes at once.

        Not inside a transaction: what it reads there may still be rolled back, the file would keep it.
        """
        self._ensure_prepared()
        if transaction.get_connection().in_atomic_block:
            return
        while self._drain() == BATCH:
            continue
        self._settle()

    def pending(self) -> int:
        """Announced changes that this file has not taken over, at most some hundreds."""
        self._ensure_prepared()
        return len(self._pending())

    def _ensure_prepared(self) -> None:
        if not self._prepared:
            self.prepare()

    def _announce(self, document_ids: Collection[int]) -> None:
        SearchOutbox.objects.bulk_create([SearchOutbox(document_id=each) for each in document_ids])
        transaction.on_commit(self.catch_up, robust=True)

    def _pending(self) -> list[tuple[int, int]]:
        """Rows (outbox id, document id) above the mark that are not taken over."""
        settled = self._store.execute("SELECT settled FROM search_outbox_mark")[0][0]
        rows = SearchOutbox.objects.filter(pk__gt=settled).order_by("pk").values_list("pk", "document_id")
        applied = {row[0] for row in self._store.execute("SELECT outbox_id FROM search_outbox_applied")}
        return [row for row in rows[: len(applied) + BATCH] if row[0] not in applied]

    def _drain(self) -> int:
        """Take over up to `BATCH` rows; returns how many."""
        pending = self._pending()[:BATCH]
        if not pending:
            return 0
        with self._store.atomic():
            document_ids = {document_id for _row, document_id in pending}
            self._index.remove(document_ids)
            self._index.put_all(entries_of(document_ids))
            for outbox_id, _document in pending:
                self._store.execute("INSERT OR IGNORE INTO search_outbox_applied (outbox_id) VALUES (?)", [outbox_id])
        return len(pending)

    def _settle(self) -> None:
        """Move the mark over rows that are old enough to have no younger brother still uncommitted."""
        applied = [
            row[0]
            for row in self._store.execute("SELECT outbox_id FROM search_outbox_applied ORDER BY outbox_id LIMIT 900")
        ]
        if not applied:
            return
        old = SearchOutbox.objects.filter(pk__in=applied, created_at__lt=timezone.now() - SETTLED_AFTER)
        settled = max(old.values_list("pk", flat=True), default=None)
        if settled is not None:
            with self._store.atomic():
                self._store.execute("UPDATE search_outbox_mark SET settled = ? WHERE settled < ?", [settled, settled])
                self._store.execute("DELETE FROM search_outbox_applied WHERE outbox_id <= ?", [settled])
