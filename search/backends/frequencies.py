"""In how many documents of the embedded index a term stands."""

from __future__ import annotations

from collections.abc import Sequence

from search.backends.stores import Store

_COMMON_SHARE = 0.01
"""A term in more documents than this is counted by reading all of its list, so its number is kept."""
_DRIFT = 0.05
"""Kept numbers are forgotten when the index has grown or shrunk by this much: ranking needs no more precision."""
_MOST_KEPT = 20_000


class Frequencies:
    """Counts of documents; those of common terms may be a little old."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, int] = {}
        self._kept_at = 0

    def of(self, terms: Sequence[str]) -> tuple[dict[str, int], int]:
        """Term → documents that have it, for those that any has; and the number of all documents."""
        counted, total = self._counted([term for term in terms if term not in self._kept])
        if abs(total - self._kept_at) > _DRIFT * self._kept_at or len(self._kept) > _MOST_KEPT:
            if self._kept:
                counted, total = self._counted(terms)
            self._kept, self._kept_at = {}, total
        common = max(_COMMON_SHARE * total, 1_000)
        self._kept |= {term: count for term, count in counted.items() if count > common}
        there = {**self._kept, **counted}
        return {term: there[term] for term in terms if term in there}, total

    def _counted(self, terms: Sequence[str]) -> tuple[dict[str, int], int]:
        places = ", ".join("?" for _term in terms)
        rows = self._store.execute(
            f"SELECT term, doc FROM search_fts_vocabulary WHERE term IN ({places}) "  # noqa: S608 - placeholders
            "UNION ALL SELECT '', count(*) FROM search_fts_about",
            terms,
        )
        counted: dict[str, int] = dict(rows)
        return counted, counted.pop("")
