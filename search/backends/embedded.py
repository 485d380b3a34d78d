"""The embedded engine: FTS5 in a store, either the main database or a file of this machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from search.analysis import bigram_stream, character_stream, units
from search.backends import embedded_facets, fts
from search.backends.base import MAX_HITS, Hits, IndexEntry, Request, SearchBackend
from search.backends.embedded_ranking import Condition, Ranking
from search.backends.found import one_a_material
from search.backends.stores import Store
from search.query import Query
from search.suggestions import side_index

BATCH = 200
"""Documents written in one transaction."""


class EmbeddedBackend(SearchBackend):
    """FTS5 in a store. Writes belong to the store's transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._ranking = Ranking(store)

    def prepare(self) -> None:
        is_complete = side_index.is_there(self.store)
        for statement in (*fts.SCHEMA, *side_index.SCHEMA):
            self.store.execute(statement)
        if not is_complete:  # Without its versions, `reconcile` takes every document in anew.
            self.store.execute("DELETE FROM search_fts_about")

    def put(self, entry: IndexEntry) -> None:
        self.put_all([entry])

    def put_all(self, entries: Iterable[IndexEntry]) -> int:
        count = 0
        remaining = iter(entries)
        while batch := list(islice(remaining, BATCH)):
            with self.store.atomic():
                for entry in batch:
                    self._forget(entry.document_id)
                    self._take_in(entry)
            count += len(batch)
        return count

    def _take_in(self, entry: IndexEntry) -> None:
        spoken = [_streams(segment.text) for segment in entry.segments]
        self._put_texts(entry, spoken)
        side_index.put(self.store, entry)
        for segment, streams in zip(entry.segments, spoken, strict=True):
            self._insert("search_fts_segment", "rowid, text_b, text_c", [segment.segment_id, *streams])
            self._insert("search_fts_place", "segment_id, document_id", [segment.segment_id, entry.document_id])
        about = [
            entry.document_id,
            entry.version,
            entry.material or f"document {entry.document_id}",
            entry.language,
            entry.published_s,
        ]
        self._insert("search_fts_about", "document_id, version, material, language, published_s", about)
        for facet, values in entry.facets.items():
            for value in dict.fromkeys(values):
                self._insert("search_fts_facet", "facet, value, document_id", [facet, value, entry.document_id])

    def _put_texts(self, entry: IndexEntry, spoken: Sequence[tuple[str, str]]) -> None:
        """The document's row; its last column is the streams of its segments, which need no second analysis."""
        columns = [_streams(text) for text in (entry.title, entry.summary, entry.body, entry.teachers)]
        columns.append((" ".join(bigrams for bigrams, _ in spoken), " ".join(characters for _, characters in spoken)))
        row = [entry.document_id, " ".join(map(fts.access_term, entry.access_tokens))]
        side_index.put_pairs(self.store, (bigrams.split() for bigrams, _characters in columns))
        row += [bigrams for bigrams, _characters in columns]
        row += [characters for _bigrams, characters in columns]
        self._insert("search_fts_document", f"rowid, access, {fts.TEXT_COLUMNS}", row)

    def _insert(self, table: str, columns: str, row: Sequence[object]) -> None:
        places = ", ".join("?" for _value in row)
        self.store.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)  # noqa: S608 - constants

    def remove(self, document_ids: Collection[int]) -> None:
        with self.store.atomic():
            for document_id in document_ids:
                self._forget(document_id)

    def _forget(self, document_id: int) -> None:
        if not self.store.execute("SELECT 1 FROM search_fts_document WHERE rowid = ?", [document_id]):
            return
        side_index.remove(self.store, document_id)
        self.store.execute("DELETE FROM search_fts_document WHERE rowid = ?", [document_id])
        self.store.execute(
            "DELETE FROM search_fts_segment WHERE rowid IN "
            "(SELECT segment_id FROM search_fts_place WHERE document_id = ?)",
            [document_id],
        )
        for table in fts.TABLES_OF_A_DOCUMENT:
            self.store.execute(f"DELETE FROM {table} WHERE document_id = ?", [document_id])  # noqa: S608 - constants

    def clear(self) -> None:
        with self.store.atomic():
            side_index.clear(self.store)
            for table in ("search_fts_document", "search_fts_segment", *fts.TABLES_OF_A_DOCUMENT):
                self.store.execute(f"DELETE FROM {table}")  # noqa: S608 - constants

    def versions(self) -> dict[int, int]:
        return dict(self.store.execute("SELECT document_id, version FROM search_fts_about"))

    def search(self, request: Request) -> Hits:
        if not request.query or not request.access_tokens:
            return Hits(())
        narrowed = embedded_facets.filtered(request.filters)
        match = self._ranking.exact(request)
        found = self._ranking.best(match, narrowed)
        hits, relaxed = embedded_facets.matching(match.text), False
        if not found and not (request.filters and self._ranking.best(match, Condition(), limit=1)):
            similar = self._ranking.similar(request)
            hits, relaxed = embedded_facets.these([each.document_id for each in similar]), True
            passing = embedded_facets.passing(self.store, hits, narrowed) if request.filters else None
            found = tuple(each for each in similar if passing is None or each.document_id in passing)
        counts = embedded_facets.counts(self.store, hits, request)
        return Hits(one_a_material(found, request.language)[:MAX_HITS], relaxed, counts)

    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool = False) -> dict[int, list[int]]:
        if not query or not document_ids:
            return {}
        return self._ranking.segments(query, document_ids, relaxed=relaxed)


def _streams(text: str) -> tuple[str, str]:
    """A text as bigrams and as characters."""
    analysed = units(text)
    return " ".join(bigram_stream(analysed)), " ".join(character_stream(analysed))
