"""Counting what was not found."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F

from search.missed.models import MissedQuery
from search.missed.rules import keepable

KEPT = timedelta(days=365)
MOST_A_DAY = 2_000
"""Different words that are kept of one day: more come from a program."""
log = logging.getLogger(__name__)


def note(text: str, today: date) -> None:
    """Count a query that found nothing. Searching goes on whether that succeeds or not."""
    words = keepable(text)
    if not words:
        return
    try:
        with transaction.atomic():
            _count(words, today)
    except DatabaseError:
        log.exception("a query that found nothing was not counted")


def _count(words: str, today: date) -> None:
    if MissedQuery.objects.filter(text=words, day=today).update(count=F("count") + 1):
        return
    MissedQuery.objects.filter(day__lt=today - KEPT).delete()
    if MissedQuery.objects.filter(day=today).count() < MOST_A_DAY:
        MissedQuery.objects.get_or_create(text=words, day=today)
