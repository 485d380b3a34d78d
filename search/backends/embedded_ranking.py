"""Which documents of the embedded engine answer a query, and in which order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from search import likeness, recency
from search.backends import fts
from search.backends.base import MAX_HITS, SEGMENTS_A_DOCUMENT, Request
from search.backends.fields import CHARACTER_SHARE, TITLE_FACTOR, WEIGHTS
from search.backends.found import Found
from search.backends.frequencies import Frequencies
from search.backends.stores import Store
from search.query import Query

_BIGRAM_WEIGHTS = tuple(WEIGHTS.values())
_COLUMN_WEIGHTS = (0.0, *_BIGRAM_WEIGHTS, *(CHARACTER_SHARE * weight for weight in _BIGRAM_WEIGHTS))
"""Of the tokens, the bigrams and the characters, in the order of the table's columns."""
_BM25 = f"bm25(search_fts_document, {', '.join(map(str, _COLUMN_WEIGHTS))})"
"""Below zero; the less the better."""
_LANGUAGES = 3
"""A material has up to this many documents that are hits, of which one is shown: as many more are looked at."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on `rowid` with its parameters."""

    sql: str = "1"
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What a hit must match. Hits that also match `favoured` count more, however long their transcript is."""

    text: str
    favoured: str


class Ranking:
    """BM25 over phrases; where no document has them all, likeness."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._frequencies = Frequencies(store)

    def exact(self, request: Request) -> Match:
        """Every part of the query as a phrase, in what the tokens open.

        Filters play no part in it: narrowing never turns an exact search into a similar one.
        """
        parts = request.query.parts
        phrases = " AND ".join(fts.phrase(part, fts.BIGRAM_COLUMNS, fts.CHARACTER_COLUMNS) for part in parts)
        in_title = " AND ".join(fts.phrase(part, "title_b", "title_c") for part in parts)
        return Match(f"({phrases}) AND {fts.access(request.access_tokens)}", favoured=in_title)

    def similar(self, request: Request) -> tuple[Found, ...]:
        """What is like the query when no document has all of it (`search.likeness`), filters apart; best first."""
        query = request.query
        if likeness.is_lone_unit(query):
            return ()
        asked = likeness.question(query)
        frequencies, total = self._frequencies.of(asked.terms)
        match = self._some(query, likeness.rarest(asked, frequencies))
        if match is None:
            return ()
        found = self._candidates(f"({match}) AND {fts.access(request.access_tokens)}")
        order = likeness.ranked(asked, frequencies, total, [candidate for _found, candidate in found])
        by_id = {each.document_id: each for each, _candidate in found}
        return tuple(by_id[document_id] for document_id in order)

    def _some(self, query: Query, rarest: Sequence[str]) -> str | None:
        """One of the rarest terms; of a single word, which stands nowhere, its characters in a title or summary."""
        if len(query.bigrams) == 1:
            together = " AND ".join(fts.quoted(character) for character in query.characters)
            return f"{{title_c summary_c}} : ({together})"
        if not rarest:
            return None
        some = " OR ".join(map(fts.quoted, rarest))
        return f"{{{fts.BIGRAM_COLUMNS} {fts.CHARACTER_COLUMNS}}} : ({some})"

    def _candidates(self, match: str) -> list[tuple[Found, likeness.Candidate]]:
        rows = self._store.execute(
            f"""SELECT id, material, language, {fts.CHARACTER_LIST} FROM (
                SELECT rowid AS id, {_BM25} AS score FROM search_fts_document WHERE search_fts_document MATCH ?
                ORDER BY score, rowid LIMIT {likeness.CANDIDATES}
            ) AS found JOIN search_fts_about ON document_id = id
            JOIN search_fts_document ON search_fts_document.rowid = id
            """,  # noqa: S608 - constants
            [match],
        )
        return [(Found(*row[:3]), likeness.Candidate(row[0], row[3:])) for row in rows]

    def best(self, match: Match, narrowed: Condition, *, limit: int = _LANGUAGES * MAX_HITS) -> tuple[Found, ...]:
        """Documents by BM25, best first; several of a material where it is there in several languages."""
        rows = self._store.execute(
            f"""SELECT id, material, language, score, published_s FROM (
                SELECT rowid AS id, {_BM25} * CASE WHEN rowid IN (
                    SELECT rowid FROM search_fts_document WHERE search_fts_document MATCH ?
                ) THEN {TITLE_FACTOR} ELSE 1.0 END AS score
                FROM search_fts_document WHERE search_fts_document MATCH ? AND {narrowed.sql}
                ORDER BY score, rowid LIMIT {limit}
            ) JOIN search_fts_about ON document_id = id
            """,  # noqa: S608 - constants
            [match.favoured, match.text, *narrowed.values],
        )
        now_s = time.time()
        rows.sort(key=lambda row: (row[3] * recency.factor(row[4], now_s), row[0]))
        return tuple(Found(*row[:3]) for row in rows)

    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool) -> dict[int, list[int]]:
        """Per document its best segments: with a whole part of the query, or with some of its words."""
        if relaxed:
            some = " OR ".join(fts.quoted(term) for term in query.telling)
            return self._segments(f"{{text_b text_c}} : ({some})", document_ids)
        phrases = " OR ".join(f"({fts.phrase(part, 'text_b', 'text_c')})" for part in query.parts)
        return self._segments(phrases, document_ids)

    def _segments(self, match: str, document_ids: Sequence[int]) -> dict[int, list[int]]:
        places = ", ".join("?" for _id in document_ids)
        rows = self._store.execute(
            f"""WITH hit AS MATERIALIZED (
                SELECT place.segment_id AS id, place.document_id, bm25(search_fts_segment) AS score
                FROM search_fts_segment JOIN search_fts_place AS place ON place.segment_id = search_fts_segment.rowid
                WHERE search_fts_segment MATCH ? AND place.document_id IN ({places})
            ), numbered AS (
                SELECT id, document_id, row_number() OVER (PARTITION BY document_id ORDER BY score, id) AS place
                FROM hit
            ) SELECT document_id, id FROM numbered WHERE place <= {SEGMENTS_A_DOCUMENT} ORDER BY place
            """,  # noqa: S608 - placeholders and constants
            [match, *document_ids],
        )
        found: dict[int, list[int]] = {}
        for document_id, segment_id in rows:
            found.setdefault(document_id, []).append(segment_id)
        return found
