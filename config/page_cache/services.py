"""Saying that public content has changed."""

from __future__ import annotations

from functools import partial

from django.db import connection, transaction
from django.db.models import F

from config.page_cache.models import PageGeneration

GENERATION_ROW = 1


def invalidate() -> None:
    """Make every cached page stale as soon as the running transaction has committed.

    The row is written after the commit, in a statement of its own: inside it, two publishing transactions would
    wait for each other's row. Should the process die between the two, pages age out (`rules.MAX_AGE_S`).
    """
    if any(isinstance(entry[1], _Bump) for entry in connection.run_on_commit):
        return
    transaction.on_commit(_Bump(_bump))


class _Bump(partial[None]):
    """Marks the callback, so that a transaction of a thousand saves holds it once."""


def _bump() -> None:
    if not PageGeneration.objects.filter(pk=GENERATION_ROW).update(number=F("number") + 1):
        PageGeneration.objects.get_or_create(pk=GENERATION_ROW)
