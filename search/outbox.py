"""How engines learn of a change (docs/adr/0003).

While the index lies in the main database it is written in the transaction of the change. Every index outside of it is
fed by rows of `SearchOutbox`, written in that transaction as well and taken over after it: by the replica file of each
machine, and by Elasticsearch. A row names a document; what is written is read when the row is taken over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min
from django.dispatch import Signal
from django.utils import timezone

from search import engine
from search.entries import entries_of, large_among
from search.models import SearchOutbox, SearchReplica

announced = Signal()
"""Sent after a commit that left rows to take over. A receiver is quick: somebody waits for the answer to a save."""
REPLICA_FORGOTTEN_AFTER = timedelta(days=7)
"""A machine that was not heard of for so long holds up nobody; when it comes back it compares all it has."""
KEPT_FOR = timedelta(minutes=10)
"""Rows stay at least so long, well above the time in which a replica looks at them again."""
_BATCH = 1_000


def announce(document_ids: Collection[int]) -> None:
    """Let every engine take these documents over as they are now, or forget those that are gone.

    A text so long that indexing it takes more than a moment is forgotten here and taken over by a task: nobody waits.
    """
    if not document_ids:
        return
    if engine.main_database_holds_index():
        large = large_among(document_ids)
        engine.embedded_backend().remove(document_ids)
        engine.embedded_backend().put_all(entries_of(set(document_ids) - large))
        if large:
            transaction.on_commit(lambda: _later(large), robust=True)
    if engine.uses_outbox():
        is_sent = not engine.uses_elasticsearch()
        SearchOutbox.objects.bulk_create([SearchOutbox(document_id=each, is_sent=is_sent) for each in document_ids])
        transaction.on_commit(_tell, robust=True)


def _later(document_ids: Collection[int]) -> None:
    from search.tasks import take_over

    take_over.enqueue(sorted(document_ids))


def _tell() -> None:
    announced.send_robust(sender=SearchOutbox)


def unsent(limit: int) -> list[tuple[int, int]]:
    """What Elasticsearch lacks: (row, document), the oldest first."""
    rows = SearchOutbox.objects.filter(is_sent=False).order_by("pk")
    return list(rows.values_list("pk", "document_id")[:limit])


def mark_sent(rows: Collection[int]) -> None:
    """Elasticsearch has what these rows told of."""
    SearchOutbox.objects.filter(pk__in=list(rows)).update(is_sent=True)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the engines are behind: rows that Elasticsearch has not taken over, and since when the oldest waits."""

    unsent: int
    oldest: datetime | None


def lag() -> Lag:
    """What Elasticsearch has yet to take over; nothing where there is none."""
    if not engine.uses_elasticsearch():
        return Lag(0, None)
    rows = SearchOutbox.objects.filter(is_sent=False)
    return Lag(rows.count(), rows.aggregate(oldest=Min("created_at"))["oldest"])


def prune(now: datetime | None = None) -> int:
    """Remove the rows that every engine has taken over; returns how many."""
    now = now or timezone.now()
    SearchReplica.objects.filter(seen_at__lt=now - REPLICA_FORGOTTEN_AFTER).delete()
    rows = SearchOutbox.objects.filter(created_at__lt=now - KEPT_FOR)
    if engine.uses_elasticsearch():
        rows = rows.filter(is_sent=True)
    slowest = SearchReplica.objects.aggregate(slowest=Min("settled"))["slowest"]
    if slowest is not None:
        rows = rows.filter(pk__lte=slowest)
    removed = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        removed += SearchOutbox.objects.filter(pk__in=ids).delete()[0]
    return removed
