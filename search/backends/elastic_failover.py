"""Elasticsearch with the embedded engine beside it, which answers while the cluster does not.

Both learn of every change by `search.outbox`, Elasticsearch through `elastic_feed`: nothing waits for the cluster, and
what stands in for it is never older than it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from search.backends import elastic_feed
from search.backends.base import EngineUnavailable, Hits, IndexEntry, Request, SearchBackend
from search.backends.elastic import ElasticBackend
from search.backends.elastic_breaker import Breaker
from search.backends.elastic_client import EngineRefused
from search.query import Query

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class FailoverBackend(SearchBackend):
    """Searches go to Elasticsearch while it answers in time and is up to date, otherwise to the embedded engine."""

    def __init__(self, elastic: ElasticBackend, embedded: SearchBackend) -> None:
        self.elastic = elastic
        self.embedded = embedded
        self.breaker = Breaker()
        self.lag = elastic_feed.Lag()

    def prepare(self) -> None:
        """The embedded engine's; Elasticsearch's indices are made by the worker, since it may be away now."""
        self.embedded.prepare()

    def put(self, entry: IndexEntry) -> None:
        self.embedded.put(entry)
        self.elastic.put(entry)

    def put_all(self, entries: Iterable[IndexEntry]) -> int:
        both = list(entries)
        self.embedded.put_all(both)
        return self.elastic.put_all(both)

    def remove(self, document_ids: Collection[int]) -> None:
        self.embedded.remove(document_ids)
        self.elastic.remove(document_ids)

    def clear(self) -> None:
        self.embedded.clear()
        self.elastic.clear()

    def versions(self) -> dict[int, int]:
        return self.elastic.versions()

    def search(self, request: Request) -> Hits:
        hits = self._ask(lambda: self.elastic.search(request))
        return replace(self.embedded.search(request), degraded=True) if hits is None else hits

    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool = False) -> dict[int, list[int]]:
        found = self._ask(lambda: self.elastic.segments(query, document_ids, relaxed=relaxed))
        return self.embedded.segments(query, document_ids, relaxed=relaxed) if found is None else found

    def _ask(self, question: Callable[[], Answer]) -> Answer | None:
        """Elasticsearch's answer; None when it is away, late, or takes the question for wrong."""
        if self.lag.is_late() or not self.breaker.allows():
            return None
        try:
            answer = question()
        except EngineUnavailable as error:
            self.breaker.failed()
            logger.warning("Elasticsearch does not answer, the embedded engine does: %s", error)
            return None
        except EngineRefused:
            self.breaker.succeeded()
            logger.exception("Elasticsearch refuses a search, the embedded engine answers")
            return None
        self.breaker.succeeded()
        return answer
