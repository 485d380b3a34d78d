"""The Elasticsearch engine: what `elastic_query` asks, over the indices of `elastic_indices`.

Writes carry the document's version, so they may come twice, late and in any order. A removed document leaves a
tombstone that no late write gets past: ids are never given again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch, helpers

from search import likeness
from search.backends import elastic_query as bodies
from search.backends.base import EngineUnavailable, Hits, IndexEntry, Request, SearchBackend
from search.backends.elastic_client import SEARCH_TIMEOUT_S, complete, problem, translated
from search.backends.elastic_documents import FAMILIES, material_row, segments_row
from search.backends.elastic_indices import Indices
from search.backends.elastic_rebuild import renew
from search.backends.found import one_a_material
from search.likeness import Question
from search.query import Query

logger = logging.getLogger(__name__)

TOMBSTONE = 2**62
"""The version of what was removed: above every version that a document can reach."""
CHUNK = 200
CHUNK_BYTES = 8 * 1024 * 1024
_TRIES_AGAIN, _FIRST_WAIT_S = 6, 0.5
"""For half a minute in all, each wait twice the one before, a cluster that has too much to do is asked once more."""
_CONFLICT = 409
"""The server's answer to a version that is older than what it has."""
_PAGE = 10_000


class ElasticBackend(SearchBackend):
    """Elasticsearch. Every method raises `EngineUnavailable` when the cluster cannot do it now.

    Args:
        client: from `elastic_client.connect`.
        prefix: begins the name of every index.
        immediate: for tests and measurements: a write is findable when it returns, and `prepare` makes an empty
            index. A site's changes are findable within a second, and nobody reads its index before it is whole.
    """

    def __init__(self, client: Elasticsearch, prefix: str, *, immediate: bool = False) -> None:
        self._client = client
        self._searching = client.options(request_timeout=SEARCH_TIMEOUT_S)
        self._immediate = immediate
        self.indices = Indices(client, prefix)

    def prepare(self) -> None:
        if self._immediate:
            self.indices.ensure()

    def put(self, entry: IndexEntry) -> None:
        self.write([entry], ())

    def put_all(self, entries: Iterable[IndexEntry]) -> int:
        return self.write(entries, (), patient=True)

    def remove(self, document_ids: Collection[int]) -> None:
        self.write((), document_ids)

    def clear(self) -> None:
        self.indices.remove_all()
        self.indices.ensure()

    def rebuild(self, entries: Iterable[IndexEntry]) -> int:
        return renew(self, entries).documents

    def write(
        self,
        entries: Iterable[IndexEntry],
        removed: Iterable[int],
        *,
        generation: int | None = None,
        patient: bool = False,
    ) -> int:
        """Take in documents and forget others, in every index that takes part; returns how many were taken in.

        A document that the server refuses for what is in it is logged and left out: it must not hold up the others.
        `generation` names the only one to write to, for a rebuild. `patient`: where the cluster has no memory or no
        place in its queue (429), wait and ask again; who has only few documents leaves them in the outbox instead.
        """
        targets = self._targets(generation)
        taken = 0

        def rows() -> Iterator[dict[str, Any]]:
            nonlocal taken
            for entry in entries:
                taken += 1
                row = {"materials": material_row(entry), "segments": segments_row(entry)}
                yield from _operations(targets, entry.document_id, entry.version, row)
            for document_id in removed:
                gone = {"document_id": document_id, "version": TOMBSTONE}
                yield from _operations(targets, document_id, TOMBSTONE, dict.fromkeys(FAMILIES, gone))

        with translated():
            answers = helpers.streaming_bulk(
                self._client, rows(), chunk_size=CHUNK, max_chunk_bytes=CHUNK_BYTES, raise_on_error=False,
                refresh=self._immediate, max_retries=_TRIES_AGAIN if patient else 0, initial_backoff=_FIRST_WAIT_S,
            )  # fmt: skip
            for succeeded, item in answers:
                if not succeeded:
                    _judge(item["index"])
        return taken

    def _targets(self, generation: int | None) -> dict[str, tuple[str, ...]]:
        if generation is not None:
            return {family: (self.indices.name(family, generation),) for family in FAMILIES}
        targets = {family: self.indices.targets(family) for family in FAMILIES}
        if not all(targets.values()):
            raise EngineUnavailable("there is no index yet, the worker makes it")
        return targets

    def versions(self, *, generation: int | None = None, family: str = "materials") -> dict[int, int]:
        """Document id → version; of one generation, or of what is read."""
        index = self.indices.reading(family) if generation is None else self.indices.name(family, generation)
        with translated():
            self._client.indices.refresh(index=index)
        found: dict[int, int] = {}
        after: dict[str, Any] = {}
        while True:
            with translated():
                answer = complete(
                    self._client.search(
                        index=index, query={"range": {"version": {"lt": TOMBSTONE}}}, size=_PAGE, source=False,
                        stored_fields="_none_", docvalue_fields=[{"field": "document_id"}, {"field": "version"}],
                        sort=[{"document_id": "asc"}], track_total_hits=False, **after,
                    )
                )  # fmt: skip
            hits = answer["hits"]["hits"]
            found |= {bodies.number(hit, "document_id"): bodies.number(hit, "version") for hit in hits}
            if len(hits) < _PAGE:
                return found
            after = {"search_after": hits[-1]["sort"]}

    def search(self, request: Request) -> Hits:
        if not request.query or not request.access_tokens:
            return Hits(())
        clause = bodies.exact_clause(request.query)
        asked = likeness.question(request.query)
        # In the same journey, what a search for what is like it would need to know.
        answer, counted = self._ask(
            "materials",
            [bodies.hits_body(clause, request, now_s=int(time.time())), bodies.frequencies_body(asked)],
        )
        if answer["hits"]["hits"] or (request.filters and self._has_any(clause, request)):
            return self._hits(clause, request, answer)
        return self._similar(request, asked, *bodies.frequencies(asked, counted))

    def _similar(self, request: Request, asked: Question, frequencies: Mapping[str, int], total: int) -> Hits:
        """What is like the query when no document has all of it; narrowed and counted afterwards."""
        rarest = likeness.rarest(asked, frequencies)
        if likeness.is_lone_unit(request.query) or not rarest:
            return Hits((), relaxed=True, facets={facet: {} for facet in request.count})
        clause = bodies.some_clause(request.query, rarest)
        (answer,) = self._ask("materials", [bodies.candidates_body(clause, request)])
        there = {candidate.document_id: (found, candidate) for found, candidate in bodies.candidates(answer)}
        order = likeness.ranked(asked, frequencies, total, [candidate for _found, candidate in there.values()])
        facets: Mapping[str, Mapping[str, int]] = {}
        if request.filters or request.count:
            (answer,) = self._ask("materials", [bodies.narrowed_body(order, request)])
            kept = {bodies.number(hit, "document_id") for hit in answer["hits"]["hits"]}
            order = tuple(each for each in order if each in kept)
            facets = bodies.facet_counts(request, answer)
        return Hits(one_a_material((there[each][0] for each in order), request.language), True, facets)

    def _has_any(self, clause: bodies.Clause, request: Request) -> bool:
        (answer,) = self._ask("materials", [bodies.any_body(clause, request)])
        return int(answer["hits"]["total"]["value"]) > 0

    def _hits(self, clause: bodies.Clause, request: Request, answer: Mapping[str, Any]) -> Hits:
        shown = {hit["fields"]["material"][0]: bodies.number(hit, "document_id") for hit in answer["hits"]["hits"]}
        foreign = [
            hit["fields"]["material"][0]
            for hit in answer["hits"]["hits"]
            if hit["fields"]["language"][0] != request.language
        ]
        if foreign:
            (own,) = self._ask("materials", [bodies.in_language_body(clause, request, foreign)])
            shown |= {hit["fields"]["material"][0]: bodies.number(hit, "document_id") for hit in own["hits"]["hits"]}
        return Hits(tuple(shown.values()), facets=bodies.facet_counts(request, answer))

    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool = False) -> dict[int, list[int]]:
        if not query or not document_ids:
            return {}
        (answer,) = self._ask("segments", [bodies.segments_body(query, document_ids, relaxed=relaxed)])
        return bodies.segment_ids(answer)

    def _ask(self, family: str, asked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to some searches, all in one request."""
        index = self.indices.reading(family)
        with translated():
            if len(asked) == 1:
                return [complete(self._searching.search(index=index, body=dict(asked[0])))]
            lines = [line for body in asked for line in ({}, body)]
            answers = self._searching.msearch(index=index, searches=lines)
        return [complete(answer) for answer in answers["responses"]]


def _operations(
    targets: Mapping[str, Sequence[str]], document_id: int, version: int, rows: Mapping[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for family, indices in targets.items():
        for index in indices:
            yield {
                "_op_type": "index",
                "_index": index,
                "_id": str(document_id),
                "_source": rows[family],
                "version": version,
                "version_type": "external_gte",
            }


def _judge(answer: Mapping[str, Any]) -> None:
    """What to make of an operation that did not succeed: nothing, a note, or `EngineUnavailable`."""
    status = int(answer["status"])
    if status == _CONFLICT:
        return
    error = problem(status, str(answer.get("error"))[:500])
    if isinstance(error, EngineUnavailable):
        raise error
    logger.error("Elasticsearch refuses document %s in %s: %s", answer["_id"], answer["_index"], error)
