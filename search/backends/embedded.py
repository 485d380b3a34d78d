"""The embedded engine: SQLite FTS5 over text that `search.analysis` has already cut into terms.

Two tables of full text: documents, whose columns hold title, summary, body, teachers and the whole transcript,
each as bigrams and as characters; and segments, which only tell where in a lecture a hit lies. FTS5's own
tokenizer merely splits at spaces: `categories` must name the marks (M*), or Tibetan vowel signs are lost.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from search.analysis import bigram_stream, character_stream, units
from search.backends.base import MAX_HITS, SEGMENTS_A_DOCUMENT, Hits, IndexEntry, SearchBackend
from search.backends.stores import Store
from search.query import Part, Query

_TOKENIZER = "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\""
_FIELDS = ("title", "summary", "body", "teachers", "transcript")
_WEIGHTS = (0.0, 8.0, 3.0, 1.5, 4.0, 1.0, 4.0, 1.5, 0.75, 2.0, 0.5)
"""BM25 weights: access, the five bigram columns, the five character columns (half of the bigrams' weight)."""
_BIGRAM_COLUMNS = " ".join(f"{field}_b" for field in _FIELDS)
_CHARACTER_COLUMNS = " ".join(f"{field}_c" for field in _FIELDS)
_TITLE_FACTOR = 3.0
"""What has every part in its title stands above what only mentions them: BM25 alone would punish a lesson for the
length of its transcript."""
_RAREST = 16
"""The fallback looks for this many of the rarest terms: 9 instead of 55 ms at 100,000 documents."""
_SCHEMA = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_document USING fts5(access, "
    f"{_BIGRAM_COLUMNS.replace(' ', ', ')}, {_CHARACTER_COLUMNS.replace(' ', ', ')}, {_TOKENIZER})",
    f"CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_segment USING fts5(text_b, text_c, {_TOKENIZER})",
    "CREATE TABLE IF NOT EXISTS search_fts_place (segment_id INTEGER PRIMARY KEY, document_id INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS search_fts_place_document ON search_fts_place (document_id)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_vocabulary USING fts5vocab(search_fts_document, row)",
    "CREATE TABLE IF NOT EXISTS search_fts_state (document_id INTEGER PRIMARY KEY, version INTEGER NOT NULL)",
)


def quoted(term: str) -> str:
    """A term as FTS5 takes it literally, whatever it holds."""
    return '"' + term.replace('"', '""').replace("\0", "") + '"'


def _phrase(part: Part, bigrams: str, characters: str) -> str:
    columns = characters if part.by_characters else bigrams
    return f"{{{columns}}} : ({' + '.join(quoted(term) for term in part.terms)})"


def _access_term(token: str) -> str:
    """A token as one term, whatever characters it has: org-63 must not be opened by org."""
    return f"t{token.encode().hex()}"


def _access(tokens: Sequence[str]) -> str:
    return f"{{access}} : ({' OR '.join(quoted(_access_term(token)) for token in tokens)})"


class EmbeddedBackend(SearchBackend):
    """FTS5 in a store. Writes belong to the store's transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def prepare(self) -> None:
        for statement in _SCHEMA:
            self.store.execute(statement)

    def put(self, entry: IndexEntry) -> None:
        transcript = " ".join(segment.text for segment in entry.segments)
        texts = (entry.title, entry.summary, entry.body, entry.teachers, transcript)
        analysed = [units(text) for text in texts]
        row = [entry.document_id, " ".join(map(_access_term, entry.access_tokens))]
        row += [" ".join(bigram_stream(each)) for each in analysed]
        row += [" ".join(character_stream(each)) for each in analysed]
        columns = f"rowid, access, {_BIGRAM_COLUMNS.replace(' ', ', ')}, {_CHARACTER_COLUMNS.replace(' ', ', ')}"
        with self.store.atomic():
            self.remove([entry.document_id])
            self._insert("search_fts_document", columns, row)
            for segment in entry.segments:
                terms = units(segment.text)
                streams = [" ".join(bigram_stream(terms)), " ".join(character_stream(terms))]
                self._insert("search_fts_segment", "rowid, text_b, text_c", [segment.segment_id, *streams])
                self._insert("search_fts_place", "segment_id, document_id", [segment.segment_id, entry.document_id])
            self._insert("search_fts_state", "document_id, version", [entry.document_id, entry.version])

    def _insert(self, table: str, columns: str, row: Sequence[object]) -> None:
        places = ", ".join("?" for _value in row)
        self.store.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)  # noqa: S608 - constants

    def remove(self, document_ids: Collection[int]) -> None:
        with self.store.atomic():
            for document_id in document_ids:
                self.store.execute("DELETE FROM search_fts_document WHERE rowid = ?", [document_id])
                self.store.execute(
                    "DELETE FROM search_fts_segment WHERE rowid IN "
                    "(SELECT segment_id FROM search_fts_place WHERE document_id = ?)",
                    [document_id],
                )
                self.store.execute("DELETE FROM search_fts_place WHERE document_id = ?", [document_id])
                self.store.execute("DELETE FROM search_fts_state WHERE document_id = ?", [document_id])

    def clear(self) -> None:
        with self.store.atomic():
            for table in ("search_fts_document", "search_fts_segment", "search_fts_place", "search_fts_state"):
                self.store.execute(f"DELETE FROM {table}")  # noqa: S608 - constants

    def versions(self) -> dict[int, int]:
        return dict(self.store.execute("SELECT document_id, version FROM search_fts_state"))

    def search(self, query: Query, *, access_tokens: Sequence[str]) -> Hits:
        if not query or not access_tokens:
            return Hits(())
        phrases = " AND ".join(_phrase(part, _BIGRAM_COLUMNS, _CHARACTER_COLUMNS) for part in query.parts)
        in_title = " AND ".join(_phrase(part, "title_b", "title_c") for part in query.parts)
        exact = self._documents(f"({phrases}) AND {_access(access_tokens)}", favoured=in_title)
        if exact:
            return Hits(exact)
        return Hits(self._similar(query, access_tokens), relaxed=True)

    def _similar(self, query: Query, access_tokens: Sequence[str]) -> tuple[int, ...]:
        """Documents with a good part of the words: about half of them, or the ones that tell most.

        For a single word, which stands nowhere, those whose title or summary has its characters.
        """
        access = _access(access_tokens)
        terms = query.telling
        if len(terms) == 1 and terms == query.characters:
            return ()
        if len(query.bigrams) == 1:
            together = " AND ".join(quoted(character) for character in query.characters)
            return self._documents(f"({{title_c summary_c}} : ({together})) AND {access}")
        weights = self._weights(terms)
        if not weights:
            return ()
        columns = f"{_BIGRAM_COLUMNS} {_CHARACTER_COLUMNS}"
        some = " OR ".join(quoted(term) for term in weights)
        needed = -(-(len(terms) // 2 + 1) // 2)
        half = sum(weights.values()) / 2 - 1e-9
        hits = " UNION ALL ".join(
            "SELECT rowid AS id, ? AS weight FROM search_fts_document WHERE search_fts_document MATCH ?"
            for _ in weights
        )
        parameters = [
            each for term, weight in weights.items() for each in (weight, f"{{{columns}}} : ({quoted(term)})")
        ]
        enough = (
            f"rowid IN (SELECT id FROM ({hits}) GROUP BY id "  # noqa: S608 - placeholders
            "HAVING count(*) >= ? OR sum(weight) >= ?)"
        )
        return self._documents(f"({{{columns}}} : ({some})) AND {access}", enough, [*parameters, needed, half])

    def _weights(self, terms: Sequence[str]) -> dict[str, float]:
        """At most `_RAREST` of the terms with what each tells: the fewer documents have it, the more."""
        places = ", ".join("?" for _term in terms)
        rows = self.store.execute(
            f"SELECT term, doc FROM search_fts_vocabulary WHERE term IN ({places}) "  # noqa: S608 - placeholders
            "UNION ALL SELECT '', count(*) FROM search_fts_state",
            terms,
        )
        frequencies: dict[str, int] = dict(rows)
        total = frequencies.pop("", 0)
        if not frequencies:
            return {}
        rarest = sorted(terms, key=lambda term: (term not in frequencies, frequencies.get(term, 0), term))[:_RAREST]
        return {term: math.log(1 + total / frequencies.get(term, 1)) for term in rarest}

    def _documents(
        self, match: str, condition: str = "1", values: Sequence[object] = (), favoured: str | None = None
    ) -> tuple[int, ...]:
        """Ids by BM25, best first. What also matches `favoured` counts more, however long its transcript is."""
        weights = ", ".join(map(str, _WEIGHTS))
        score = f"bm25(search_fts_document, {weights})"
        parameters = [match, *values]
        if favoured is not None:
            score += (
                " * CASE WHEN rowid IN (SELECT rowid FROM search_fts_document WHERE search_fts_document MATCH ?) "  # noqa: S608
                f"THEN {_TITLE_FACTOR} ELSE 1.0 END"
            )
            parameters.append(favoured)
        rows = self.store.execute(
            f"SELECT rowid FROM search_fts_document WHERE search_fts_document MATCH ? AND {condition} "  # noqa: S608 - constants
            f"ORDER BY {score}, rowid LIMIT {MAX_HITS}",
            parameters,
        )
        return tuple(row[0] for row in rows)

    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool = False) -> dict[int, list[int]]:
        if not query or not document_ids:
            return {}
        if relaxed:
            some = " OR ".join(quoted(term) for term in query.telling)
            return self._segments(f"{{text_b text_c}} : ({some})", document_ids)
        phrases = " OR ".join(f"({_phrase(part, 'text_b', 'text_c')})" for part in query.parts)
        return self._segments(phrases, document_ids)

    def _segments(self, match: str, document_ids: Sequence[int]) -> dict[int, list[int]]:
        places = ", ".join("?" for _id in document_ids)
        rows = self.store.execute(
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
