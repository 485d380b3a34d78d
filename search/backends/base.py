"""The port of a search engine: what every engine offers, in the words of `search.query`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from search.query import Query

FACETS = ("kind", "field", "group", "content_class", "language", "level", "length", "year", "place")
"""By what a searcher narrows (search.md §2); each value is a short code, a document may have several of one facet."""

MAX_HITS = 1_000
"""Nothing is looked at beyond this many hits (search.md §2)."""
SEGMENTS_A_DOCUMENT = 3


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment as an engine takes it in."""

    segment_id: int
    text: str


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A document as an engine takes it in: raw text, the engine analyses it."""

    document_id: int
    version: int
    access_tokens: tuple[str, ...]
    title: str
    summary: str
    body: str
    teachers: str
    segments: tuple[SegmentEntry, ...]
    material: str = ""
    """What the versions of one material in several languages have in common; empty: the document stands alone."""
    language: str = "zh-hans"
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    published_s: int = 0
    """When it was published last, in seconds since 1970; 0 when that is unknown."""


@dataclass(frozen=True, slots=True)
class Request:
    """A search: what is asked by whom.

    `filters`: of each facet named, the document has one of the values. `language`: of a material in several
    languages the document in this one stands for it, else the one that fits best. `count`: the facets whose
    counts are wanted.
    """

    query: Query
    access_tokens: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str = "zh-hans"
    count: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """Document ids, best first, at most `MAX_HITS`.

    `relaxed`: no document has every part, these have some of the words. `facets`: facet → value → materials that
    have it, under all filters but the facet's own, so that another value can be chosen where this one finds nothing.
    `degraded`: the engine that the settings name did not answer, another one did.
    """

    document_ids: tuple[int, ...]
    relaxed: bool = False
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    degraded: bool = False


class EngineUnavailable(Exception):
    """The engine does not answer, answers too late, lacks its index or has no room: try later, answer otherwise."""


class RebuildFailed(Exception):
    """An index was not made anew; the one before goes on being read."""


class SearchBackend(ABC):
    """An engine. Writes inside `django.db.transaction.atomic` are undone with it where the engine can do so."""

    @abstractmethod
    def prepare(self) -> None:
        """Create what the engine needs; does nothing when it is there."""

    @abstractmethod
    def put(self, entry: IndexEntry) -> None:
        """Take in a document, in the place of an older version of it."""

    @abstractmethod
    def remove(self, document_ids: Collection[int]) -> None:
        """Forget documents and their segments; unknown ids are no error."""

    @abstractmethod
    def clear(self) -> None:
        """Forget everything."""

    @abstractmethod
    def versions(self) -> dict[int, int]:
        """Document id → version of everything that is findable."""

    @abstractmethod
    def search(self, request: Request) -> Hits:
        """Documents that one of the tokens opens and all filters let through; one a material."""

    @abstractmethod
    def segments(self, query: Query, document_ids: Sequence[int], *, relaxed: bool = False) -> dict[int, list[int]]:
        """Per document the ids of at most `SEGMENTS_A_DOCUMENT` segments that match, best first.

        A segment matches with a whole part of the query, or with `relaxed` with some of its words.
        """

    def put_all(self, entries: Iterable[IndexEntry]) -> int:
        """Take in many documents; returns how many."""
        count = 0
        for entry in entries:
            self.put(entry)
            count += 1
        return count

    def rebuild(self, entries: Iterable[IndexEntry]) -> int:
        """Make the index anew from these entries, which are all there are, while searches go on; returns how many."""
        before = self.versions()
        written: set[int] = set()

        def noted() -> Iterator[IndexEntry]:
            for entry in entries:
                written.add(entry.document_id)
                yield entry

        self.put_all(noted())
        self.remove(before.keys() - written)
        return len(written)
