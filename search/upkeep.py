"""What the worker does for the search now and then (on the beat of `media_pipeline.signals.swept`)."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from media_pipeline.upkeep import Chore, Upkeep
from search import engine, outbox
from search.extraction import shelf
from search.services import reconcile, refresh_documents

log = logging.getLogger(__name__)

NIGHT_HOUR = 3
_DAY_S = 24 * 3600


def compare() -> None:
    """Once a day: the index that searches fall back on has what the documents say."""
    reconcile([engine.embedded_backend()])


def refresh_at_night() -> None:
    """Bring the documents in line with the site, in one worker, while nobody works."""
    now = timezone.localtime()
    if now.hour == NIGHT_HOUR and cache.add(f"search.refreshed.{now.date()}", True, _DAY_S):
        log.info("%s materials are findable", refresh_documents())


_upkeep = Upkeep(
    [
        Chore(_DAY_S, compare),
        Chore(600, outbox.prune),
        Chore(300, shelf.ask_again),
        Chore(900, refresh_at_night),
    ]
)


def on_swept(**_kwargs: Any) -> None:
    """Receiver of `media_pipeline.signals.swept`: every few seconds, in each worker."""
    _upkeep.run()
