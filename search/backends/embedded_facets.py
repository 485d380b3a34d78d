"""Narrowing the hits of the embedded engine, and counting what narrowing further would leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search.backends.base import Request
from search.backends.embedded_ranking import Condition
from search.backends.stores import Store


def filtered(filters: Mapping[str, Sequence[str]]) -> Condition:
    """The condition that a document has one of the values of each facet.

    Asked of each hit: a list of all documents with a value would be longer than the hits. The few values that a hit
    has are compared with those wanted (the `+` forbids to look up each wanted one instead), so that whoever wants a
    thousand does not wait longer. (The table of facets has no rowid of its own: the one named is the hit's.)
    """
    conditions: list[str] = []
    values: list[object] = []
    for facet, wanted in filters.items():
        places = ", ".join("?" for _value in wanted) or "NULL"
        conditions.append(
            "EXISTS (SELECT 1 FROM search_fts_facet AS own INDEXED BY search_fts_facet_document "  # noqa: S608
            f"WHERE own.document_id = rowid AND own.facet = ? AND +own.value IN ({places}))"
        )
        values += [facet, *wanted]
    return Condition(" AND ".join(conditions) or "1", tuple(values))


def matching(text: str) -> Condition:
    """A query for the documents that match."""
    return Condition("SELECT rowid FROM search_fts_document WHERE search_fts_document MATCH ?", (text,))


def these(document_ids: Sequence[int]) -> Condition:
    """A query for these documents."""
    numbers = ", ".join(map(str, map(int, document_ids)))
    return Condition(f"SELECT rowid FROM search_fts_about WHERE rowid IN ({numbers})")  # noqa: S608 - numbers


def passing(store: Store, hits: Condition, narrowed: Condition) -> frozenset[int]:
    """Those of the hits that the filters let through."""
    return frozenset(
        row[0] for row in store.execute(f"{hits.sql} AND {narrowed.sql}", [*hits.values, *narrowed.values])
    )


def counts(store: Store, hits: Condition, request: Request) -> dict[str, dict[str, int]]:
    """Facet → value → materials, under all filters but the facet's own."""
    free = [facet for facet in request.count if facet not in request.filters]
    found = _counted(store, hits, filtered(request.filters), free) if free else {}
    for facet in request.count:
        if facet in request.filters:
            others = {name: values for name, values in request.filters.items() if name != facet}
            found |= _counted(store, hits, filtered(others), [facet])
    return {facet: found.get(facet, {}) for facet in request.count}


def _counted(store: Store, hits: Condition, narrowed: Condition, facets: Sequence[str]) -> dict[str, dict[str, int]]:
    places = ", ".join("?" for _facet in facets)
    rows = store.execute(
        f"""WITH hit(id) AS MATERIALIZED ({hits.sql} AND {narrowed.sql})
            SELECT facet, value, count(DISTINCT material)
            FROM hit CROSS JOIN search_fts_about AS about ON about.document_id = id
            CROSS JOIN search_fts_facet AS has ON has.document_id = id
            WHERE facet IN ({places}) GROUP BY facet, value
        """,  # noqa: S608 - placeholders and constants
        [*hits.values, *narrowed.values, *facets],
    )
    found: dict[str, dict[str, int]] = {}
    for facet, value, count in rows:
        found.setdefault(facet, {})[value] = count
    return found
