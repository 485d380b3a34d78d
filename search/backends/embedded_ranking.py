"""Which documents of the embedded engine answer a query, and in which order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from search.backends import fts
from search.backends.base import MAX_HITS, SEGMENTS_A_DOCUMENT, Request
from search.backends.stores import Store
from search.query import Query

_WEIGHTS = (0.0, 8.0, 3.0, 1.5, 4.0, 1.0, 4.0, 1.5, 0.75, 2.0, 0.5)
"""BM25 weights: access, the five bigram columns, the five character columns (half of the bigrams' weight)."""
_TITLE_FACTOR = 3.0
"""What has every part in its title stands above what only mentions them: BM25 alone would punish a lesson for the
length of its transcript."""
_RAREST = 16
"""The fallback looks for this many of the rarest terms: 9 instead of 55 ms at 100,000 documents."""
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
    condition: Condition = Condition()
    favoured: str | None = None
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A document that matches, and the material of which it is a version."""

    document_id: int
    material: str
    language: str


class Ranking:
    """BM25 over phrases; where no document has them all, over the words that tell most."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def exact(self, request: Request) -> Match:
        """Every part of the query as a phrase, in what the tokens open.

        Filters play no part in it: narrowing never turns an exact search into a similar one.
        """
        parts = request.query.parts
        phrases = " AND ".join(fts.phrase(part, fts.BIGRAM_COLUMNS, fts.CHARACTER_COLUMNS) for part in parts)
        in_title = " AND ".join(fts.phrase(part, "title_b", "title_c") for part in parts)
        return Match(f"({phrases}) AND {fts.access(request.access_tokens)}", favoured=in_title)

    def similar(self, request: Request) -> Match | None:
        """Documents with a good part of the words: about half of them, or the ones that tell most.

        For a single word, which stands nowhere, those whose title or summary has its characters.
        """
        query, access = request.query, fts.access(request.access_tokens)
        terms = query.telling
        if len(terms) == 1 and terms == query.characters:
            return None
        if len(query.bigrams) == 1:
            together = " AND ".join(fts.quoted(character) for character in query.characters)
            return Match(f"({{title_c summary_c}} : ({together})) AND {access}", relaxed=True)
        weights = self._weights(terms)
        if not weights:
            return None
        columns = f"{fts.BIGRAM_COLUMNS} {fts.CHARACTER_COLUMNS}"
        some = " OR ".join(fts.quoted(term) for term in weights)
        needed = -(-(len(terms) // 2 + 1) // 2)
        half = sum(weights.values()) / 2 - 1e-9
        hits = " UNION ALL ".join(
            "SELECT rowid AS id, ? AS weight FROM search_fts_document WHERE search_fts_document MATCH ?"
            for _ in weights
        )
        values = [
            each for term, weight in weights.items() for each in (weight, f"{{{columns}}} : ({fts.quoted(term)})")
        ]
        enough = (
            f"rowid IN (SELECT id FROM ({hits}) GROUP BY id "  # noqa: S608 - placeholders
            "HAVING count(*) >= ? OR sum(weight) >= ?)"
        )
        condition = Condition(enough, (*values, needed, half))
        return Match(f"({{{columns}}} : ({some})) AND {access}", condition, relaxed=True)

    def _weights(self, terms: Sequence[str]) -> dict[str, float]:
        """At most `_RAREST` of the terms with what each tells: the fewer documents have it, the more."""
        places = ", ".join("?" for _term in terms)
        rows = self._store.execute(
            f"SELECT term, doc FROM search_fts_vocabulary WHERE term IN ({places}) "  # noqa: S608 - placeholders
            "UNION ALL SELECT '', count(*) FROM search_fts_about",
            terms,
        )
        frequencies: dict[str, int] = dict(rows)
        total = frequencies.pop("", 0)
        if not frequencies:
            return {}
        rarest = sorted(terms, key=lambda term: (term not in frequencies, frequencies.get(term, 0), term))[:_RAREST]
        return {term: math.log(1 + total / frequencies.get(term, 1)) for term in rarest}

    def best(self, match: Match, narrowed: Condition, *, limit: int = _LANGUAGES * MAX_HITS) -> tuple[Found, ...]:
        """Documents by BM25, best first; several of a material where it is there in several languages."""
        weights = ", ".join(map(str, _WEIGHTS))
        score = f"bm25(search_fts_document, {weights})"
        parameters: list[object] = [match.text, *match.condition.values, *narrowed.values]
        if match.favoured is not None:
            score += (
                " * CASE WHEN rowid IN (SELECT rowid FROM search_fts_document WHERE search_fts_document MATCH ?) "  # noqa: S608
                f"THEN {_TITLE_FACTOR} ELSE 1.0 END"
            )
            parameters.insert(0, match.favoured)
        rows = self._store.execute(
            f"""SELECT id, material, language FROM (
                SELECT rowid AS id, {score} AS score FROM search_fts_document WHERE search_fts_document MATCH ?
                AND {match.condition.sql} AND {narrowed.sql} ORDER BY score, rowid LIMIT {limit}
            ) JOIN search_fts_about ON document_id = id ORDER BY score, id
            """,  # noqa: S608 - constants
            parameters,
        )
        return tuple(Found(*row) for row in rows)

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
