"""What Elasticsearch is asked and told: only what a stock 8.19 has, and nothing that a person wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from search.backends import elastic_documents
from search.backends import elastic_query as bodies
from search.backends.base import FACETS, IndexEntry, Request, SegmentEntry
from search.backends.elastic_documents import FAMILIES, index_body, material_row, segments_row
from search.likeness import question
from search.query import parse

STOCK_TOKENIZERS = {"standard", "whitespace", "keyword"}
STOCK_FILTERS = {"lowercase", "cjk_width", "cjk_bigram", "edge_ngram", "shingle", "stop"}
STOCK_TYPES = {"keyword", "long", "date", "boolean", "text", "object", "nested"}
"""Field types of the server itself; `search_as_you_type`, `rank_feature` and their like are in bundled modules, which a
stock server has and the test node has not."""
STOCK_SETTINGS = {"number_of_shards", "auto_expand_replicas", "refresh_interval", "analysis", "similarity"}
FORBIDDEN = {"query_string", "simple_query_string", "regexp", "wildcard", "prefix", "fuzzy", "script", "script_score"}
TYPED = [
    "羊",
    "冬季怎样给母羊接羔",
    "牧区 草场 5g网络",
    '"羊" AND *',
    "羊* OR /羔.*/",
    "{{羊}} ${羔}",
    "羊\x00羔 \ud800",
]


def keys(body: Any) -> Iterator[str]:
    """Every key of a body, however deep."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield key
            yield from keys(value)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from keys(value)


def types(properties: dict[str, Any]) -> Iterator[str]:
    for field in properties.values():
        yield field.get("type", "object")
        yield from types(field.get("properties", {}))


@pytest.mark.parametrize("family", FAMILIES)
def test_an_index_uses_only_names_that_a_stock_server_has(family: str) -> None:
    body = index_body(family)
    assert set(body) == {"settings", "mappings"}
    assert set(body["settings"]) <= STOCK_SETTINGS
    analysis = body["settings"]["analysis"]
    assert set(analysis) <= {"analyzer", "filter"}
    own = set(analysis.get("filter", {}))
    for analyzer in analysis["analyzer"].values():
        assert analyzer["type"] == "custom"
        assert analyzer["tokenizer"] in STOCK_TOKENIZERS
        assert set(analyzer.get("filter", ())) <= STOCK_FILTERS | own
    assert {each["type"] for each in analysis.get("filter", {}).values()} <= STOCK_FILTERS
    assert set(types(body["mappings"]["properties"])) <= STOCK_TYPES
    assert body["mappings"]["dynamic"] == "strict"


def test_every_facet_of_the_port_has_a_column() -> None:
    assert set(index_body("materials")["mappings"]["properties"]["facets"]["properties"]) == set(FACETS)


@pytest.mark.parametrize("typed", TYPED)
def test_nothing_typed_is_ever_parsed_by_the_server(typed: str) -> None:
    query = parse(typed)
    request = Request(query, ("public",), filters={"kind": ("lesson", typed)}, count=("kind", "year"))
    exact, asked = bodies.exact_clause(query), question(query)
    made = [
        bodies.hits_body(exact, request, now_s=0),
        bodies.frequencies_body(asked),
        bodies.candidates_body(bodies.some_clause(query, asked.terms), request),
        bodies.narrowed_body([1, 2], request),
        bodies.in_language_body(exact, request, ["m"]),
        bodies.any_body(exact, request),
        bodies.segments_body(query, [1], relaxed=False),
        bodies.segments_body(query, [1], relaxed=True),
    ]
    for body in made:
        assert not FORBIDDEN & set(keys(body))
        assert body["timeout"] == bodies.TIME_LIMIT


@pytest.mark.parametrize("typed", TYPED)
def test_whoever_asks_sees_only_what_a_token_opens_in_hits_and_in_counts(typed: str) -> None:
    request = Request(parse(typed), ("public", "org-1"), filters={"kind": ("case",)}, count=("kind",))
    clause = bodies.exact_clause(request.query)
    opened = {"terms": {"access": ["public", "org-1"]}}
    for body in (
        bodies.hits_body(clause, request, now_s=0),
        bodies.in_language_body(clause, request, ["m"]),
        bodies.any_body(clause, request),
        bodies.candidates_body(bodies.some_clause(request.query, ["羊"]), request),
        bodies.narrowed_body([1, 2], request),
    ):
        assert opened in body["query"]["bool"]["filter"]
    # Counting stands under the query, which has the access filter; only the facets' filters come after it.
    assert bodies.hits_body(clause, request, now_s=0)["post_filter"] == {
        "bool": {"filter": [{"terms": {"facets.kind": ["case"]}}]}
    }


def test_a_text_of_any_length_stays_below_what_the_server_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_documents, "MAX_CHARACTERS", 100)
    monkeypatch.setattr(elastic_documents, "MAX_SEGMENTS", 7)
    pages = tuple(SegmentEntry(n, "羊" * 30) for n in range(20))
    row = material_row(IndexEntry(1, 1, ("public",), "题", "", "羊" * 5_000, "", pages))
    assert len(row["body_c"].split()) == 100
    assert len(row["transcript_c"].split()) == 90
    assert len(segments_row(IndexEntry(1, 1, (), "", "", "", "", pages))["segments"]) == 3
    short = tuple(SegmentEntry(n, "羊") for n in range(20))
    assert len(segments_row(IndexEntry(1, 1, (), "", "", "", "", short))["segments"]) == 7
