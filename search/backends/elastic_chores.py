"""Who feeds Elasticsearch: each process after its commits; the worker, which also makes the first index and compares.

Connected by `search.apps` where the settings name a cluster.
"""

from __future__ import annotations

import logging
from typing import Any

from media_pipeline.upkeep import Chore, Upkeep
from search.backends.base import EngineUnavailable
from search.backends.elastic_feed import Courier, send_waiting
from search.backends.elastic_indices import RebuildRunning
from search.engine import elastic_backend
from search.services import rebuild_index, reconcile

logger = logging.getLogger(__name__)

SEND_EVERY_S = 3.0
FIRST_INDEX_EVERY_S = 30.0
COMPARE_EVERY_S = 24 * 3600.0


def make_first_index() -> None:
    """A cluster that is new, or has lost everything, gets an index out of the database."""
    backend = elastic_backend()
    try:
        if not backend.indices.exist():
            rebuild_index(backend)
    except (EngineUnavailable, RebuildRunning) as error:
        logger.warning("Elasticsearch has no index yet: %s", error)


def compare() -> None:
    """Once a day: the cluster has what the documents say."""
    try:
        reconcile([elastic_backend()])
    except EngineUnavailable as error:
        logger.warning("Elasticsearch cannot be compared now, the outbox is kept: %s", error)


def send() -> None:
    """Send what waits, if the cluster takes it."""
    try:
        send_waiting(elastic_backend())
    except EngineUnavailable as error:
        logger.warning("Elasticsearch takes no changes, they wait: %s", error)


CHORES = Upkeep(
    (
        Chore(FIRST_INDEX_EVERY_S, make_first_index),
        Chore(SEND_EVERY_S, send),
        Chore(COMPARE_EVERY_S, compare),
    )
)


# Both work beside the thread that tells of it: a save does not wait, and neither do the worker's other chores.
_after_commits = Courier(send)
_in_the_worker = Courier(CHORES.run)


def on_announced(sender: type | None, **kwargs: Any) -> None:
    """Send what a commit has left (`search.outbox.announced`)."""
    _after_commits.call()


def on_swept(sender: type | None, **kwargs: Any) -> None:
    """Do what is due (`media_pipeline.signals.swept`)."""
    _in_the_worker.call()
