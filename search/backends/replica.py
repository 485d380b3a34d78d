"""The embedded engine as this machine's replica, fed by the outbox in the main database (docs/adr/0003).

`put` and `remove` only write outbox rows, in the transaction of the change. The file takes them over after the
commit, and again before each search: whoever searches on this machine finds whatever was committed before.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from search.backends.base import IndexEntry
from search.backends.embedded import EmbeddedBackend
from search.entries import entries_of
from search.models import SearchOutbox

SETTLED_AFTER = timedelta(minutes=2)
"""Outbox ids are given before the commit, so a lower id may appear later. Rows younger than this are looked at
again; a transaction that stays open longer is caught by `manage.py search_index rebuild`."""
BATCH = 200

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS search_outbox_applied (outbox_id INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS search_outbox_mark (one INTEGER PRIMARY KEY CHECK (one = 1), settled INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO search_outbox_mark (one, settled) VALUES (1, 0)",
)


class ReplicaBackend(EmbeddedBackend):
    """An FTS5 file outside the main database."""

    _prepared = False

    def prepare(self) -> None:
        super().prepare()
        for statement in _SCHEMA:
            self.store.execute(statement)
        self._prepared = True

    def put(self, entry: IndexEntry) -> None:
        self._announce([entry.document_id])

    def remove(self, document_ids: Collection[int]) -> None:
        self._announce(document_ids)

    def _announce(self, document_ids: Collection[int]) -> None:
        SearchOutbox.objects.bulk_create([SearchOutbox(document_id=each) for each in document_ids])
        transaction.on_commit(self.catch_up, robust=True)

    def clear(self) -> None:
        self.prepare()
        super().clear()

    def versions(self) -> dict[int, int]:
        self.catch_up()
        return super().versions()

    def catch_up(self) -> None:
        """Take over what the outbox announced; safe to run in many processes at once.

        Not inside a transaction: what it reads there may still be rolled back, the file would keep it.
        """
        if transaction.get_connection().in_atomic_block:
            return
        if not self._prepared:
            self.prepare()
        while self._pending() and self._drain() == BATCH:
            continue
        self._settle()

    def pending(self) -> int:
        """Announced changes that this file has not taken over."""
        if not self._prepared:
            self.prepare()
        return len(self._pending())

    def _settled(self) -> int:
        return int(self.store.execute("SELECT settled FROM search_outbox_mark")[0][0])

    def _pending(self) -> list[tuple[int, int]]:
        rows = SearchOutbox.objects.filter(pk__gt=self._settled()).order_by("pk").values_list("pk", "document_id")
        applied = {row[0] for row in self.store.execute("SELECT outbox_id FROM search_outbox_applied")}
        return [row for row in rows[: len(applied) + BATCH] if row[0] not in applied]

    def _drain(self) -> int:
        pending = self._pending()[:BATCH]
        with self.store.atomic():
            document_ids = {document_id for _row, document_id in pending}
            EmbeddedBackend.remove(self, document_ids)
            for entry in entries_of(document_ids):
                EmbeddedBackend.put(self, entry)
            for row, _document in pending:
                self._insert_applied(row)
        return len(pending)

    def _insert_applied(self, outbox_id: int) -> None:
        self.store.execute("INSERT OR IGNORE INTO search_outbox_applied (outbox_id) VALUES (?)", [outbox_id])

    def _settle(self) -> None:
        """Move the mark over rows that are old enough to have no younger brother still uncommitted."""
        applied = [row[0] for row in self.store.execute("SELECT outbox_id FROM search_outbox_applied")]
        if not applied:
            return
        old = SearchOutbox.objects.filter(pk__in=applied[:900], created_at__lt=timezone.now() - SETTLED_AFTER)
        settled = max(old.values_list("pk", flat=True), default=None)
        if settled is not None:
            with self.store.atomic():
                self.store.execute("UPDATE search_outbox_mark SET settled = ?", [settled])
                self.store.execute("DELETE FROM search_outbox_applied WHERE outbox_id <= ?", [settled])
