"""What is asked of Elasticsearch: request bodies from a parsed search. Pure, without a connection.

The words are those of the embedded engine (`embedded_ranking`): a part of the query is a phrase of bigrams, all parts
are required; where no document has them all, what is like it (`search.likeness`).
Only queries with fixed structure are built: nothing that a person typed is ever parsed by the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from search import likeness, recency
from search.backends.base import MAX_HITS, SEGMENTS_A_DOCUMENT, Request
from search.backends.fields import CHARACTER_SHARE, TEXT_FIELDS, TITLE_FACTOR, WEIGHTS
from search.backends.found import Found
from search.likeness import Candidate, Question
from search.query import Part, Query

Clause = dict[str, Any]

OTHER_FIELDS_SHARE = 0.3
"""A word in two fields counts for its best one, and this much of the other."""
TIME_LIMIT = "1s"
"""When the server stops collecting; `elastic_client.SEARCH_TIMEOUT_S` is a little longer."""
MOST_FACET_VALUES = 1_000
LONGEST_TERM_BYTES = 32_766
"""Lucene's own limit (`IndexWriter.MAX_TERM_LENGTH`)."""

BIGRAM_FIELDS = tuple(f"{field}_b^{WEIGHTS[field]:g}" for field in TEXT_FIELDS)
CHARACTER_FIELDS = tuple(f"{field}_c^{WEIGHTS[field] * CHARACTER_SHARE:g}" for field in TEXT_FIELDS)


def access_filter(tokens: Sequence[str]) -> Clause:
    """What one of the tokens opens."""
    return {"terms": {"access": list(tokens)}}


def exact_clause(query: Query) -> Clause:
    """Every part as a phrase, in whichever field; more where the title has them all."""
    required = [_part(part, BIGRAM_FIELDS, CHARACTER_FIELDS) for part in query.parts]
    in_title = [_part(part, ("title_b",), ("title_c",)) for part in query.parts]
    return {
        "function_score": {
            "query": {"bool": {"must": required}},
            "functions": [{"filter": {"bool": {"filter": in_title}}, "weight": TITLE_FACTOR}],
        }
    }


def _part(part: Part, bigrams: Sequence[str], characters: Sequence[str]) -> Clause:
    phrases = [_phrase(each, characters if each.by_characters else bigrams) for each in part.phrases]
    return phrases[0] if len(phrases) == 1 else {"dis_max": {"queries": phrases}}


def _phrase(part: Part, fields: Sequence[str]) -> Clause:
    return {
        "multi_match": {
            "type": "phrase",
            "query": " ".join(part.terms),
            "fields": list(fields),
            "tie_breaker": OTHER_FIELDS_SHARE,
        }
    }


def frequencies_body(asked: Question) -> dict[str, Any]:
    """A request for the number of documents that have each of the terms, and of all there are."""
    filters = {str(number): _has(term) for number, term in enumerate(asked.terms)}
    return {
        "size": 0,
        "track_total_hits": True,
        "timeout": TIME_LIMIT,
        "aggs": {"terms": {"filters": {"filters": filters}}},
    }


def frequencies(asked: Question, answer: Mapping[str, Any]) -> tuple[dict[str, int], int]:
    """Documents that have each term, and all documents, out of the answer to `frequencies_body`."""
    buckets = answer["aggregations"]["terms"]["buckets"]
    counts = {term: int(buckets[str(number)]["doc_count"]) for number, term in enumerate(asked.terms)}
    return counts, int(answer["hits"]["total"]["value"])


def some_clause(query: Query, rarest: Sequence[str]) -> Clause:
    """One of the rarest terms; of a single word, which stands nowhere, its characters in the title or the summary."""
    if len(query.bigrams) == 1:
        return {"bool": {"must": [_either(character, ("title_c", "summary_c")) for character in query.characters]}}
    return {"bool": {"should": [_has(term) for term in rarest]}}


def candidates_body(clause: Clause, request: Request) -> dict[str, Any]:
    """A request for the documents among which `search.likeness` chooses, with their characters."""
    return {
        "query": {"bool": {"must": [clause], "filter": [access_filter(request.access_tokens)]}},
        "size": likeness.CANDIDATES,
        "sort": [{"_score": "desc"}, {"document_id": "asc"}],
        "track_total_hits": False,
        "timeout": TIME_LIMIT,
        "_source": [f"{field}_c" for field in TEXT_FIELDS],
        "docvalue_fields": ["document_id", "language", "material"],
    }


def candidates(answer: Mapping[str, Any]) -> list[tuple[Found, Candidate]]:
    """What `candidates_body` was answered."""
    return [
        (found(hit), Candidate(number(hit, "document_id"), tuple(hit["_source"][f"{name}_c"] for name in TEXT_FIELDS)))
        for hit in answer["hits"]["hits"]
    ]


def found(hit: Mapping[str, Any]) -> Found:
    """A hit's columns."""
    return Found(number(hit, "document_id"), hit["fields"]["material"][0], hit["fields"]["language"][0])


def narrowed_body(document_ids: Sequence[int], request: Request) -> dict[str, Any]:
    """A request for those of some documents that the filters let through, and for the counts of facets."""
    these = {"terms": {"document_id": list(document_ids)}}
    return {
        "query": {"bool": {"filter": [these, access_filter(request.access_tokens)]}},
        "size": len(document_ids),
        "track_total_hits": False,
        "timeout": TIME_LIMIT,
        **_NOTHING_STORED,
        "docvalue_fields": ["document_id"],
        **_narrowing(request),
    }


def _has(term: str) -> Clause:
    return {"term": {"any": term}}


def _either(term: str, fields: Sequence[str]) -> Clause:
    return {"multi_match": {"query": term, "fields": list(fields), "tie_breaker": OTHER_FIELDS_SHARE}}


def with_recency(clause: Clause, now_s: int) -> Clause:
    """The same hits; what is younger counts a little more."""
    decay = {"published_s": {"origin": now_s, "scale": recency.HALF_LIFE_S, "decay": 0.5}}
    return {
        "function_score": {
            "query": clause,
            "functions": [{"weight": 1}, {"exp": decay, "weight": recency.GAIN}],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def facet_filters(filters: Mapping[str, Sequence[str]]) -> list[Clause]:
    """That a document has one of the values of each facet. A value that no index could hold is none that a
    document has, and the server would refuse to look for it."""
    return [{"terms": {f"facets.{facet}": [*filter(_is_term, values)]}} for facet, values in filters.items()]


def _is_term(value: str) -> bool:
    """Whether an index could hold the value: it is text (half a surrogate pair is none), and not too long."""
    try:
        return len(value.encode()) <= LONGEST_TERM_BYTES
    except UnicodeEncodeError:
        return False


def hits_body(clause: Clause, request: Request, *, now_s: int) -> dict[str, Any]:
    """A request for the best document of each material, and for the counts of facets.

    Filters come after the counting: a facet is counted under all of them but its own.
    """
    return {
        "query": {"bool": {"must": [with_recency(clause, now_s)], "filter": [access_filter(request.access_tokens)]}},
        "size": MAX_HITS,
        "collapse": {"field": "material"},
        "sort": [{"_score": "desc"}, {"document_id": "asc"}],
        "track_total_hits": False,
        "timeout": TIME_LIMIT,
        **_NOTHING_STORED,
        "docvalue_fields": ["document_id", "language", "material"],
        **_narrowing(request),
    }


def _narrowing(request: Request) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if request.filters:
        more["post_filter"] = {"bool": {"filter": facet_filters(request.filters)}}
    if request.count:
        more["aggs"] = {facet: _counted(facet, request.filters) for facet in request.count}
    return more


_NOTHING_STORED: dict[str, Any] = {"_source": False, "stored_fields": "_none_"}
"""Ids come out of columns: a thousand hits are not a thousand reads of stored rows."""


def _counted(facet: str, filters: Mapping[str, Sequence[str]]) -> Clause:
    others = {name: values for name, values in filters.items() if name != facet}
    values = {
        "terms": {"field": f"facets.{facet}", "size": MOST_FACET_VALUES},
        "aggs": {"materials": {"cardinality": {"field": "material", "precision_threshold": 40_000}}},
    }
    return {"filter": {"bool": {"filter": facet_filters(others)}}, "aggs": {"values": values}}


def facet_counts(request: Request, answer: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Facet → value → materials, out of the answer to `hits_body`."""
    return {
        facet: {
            bucket["key"]: int(bucket["materials"]["value"])
            for bucket in answer["aggregations"][facet]["values"]["buckets"]
        }
        for facet in request.count
    }


def in_language_body(clause: Clause, request: Request, materials: Sequence[str]) -> dict[str, Any]:
    """A request for which of the materials also match in the reader's own language."""
    chosen = [{"terms": {"material": list(materials)}}, {"term": {"language": request.language}}]
    filters = [access_filter(request.access_tokens), *facet_filters(request.filters), *chosen]
    return {
        "query": {"bool": {"must": [clause], "filter": filters}},
        "size": MAX_HITS,
        "track_total_hits": False,
        "timeout": TIME_LIMIT,
        **_NOTHING_STORED,
        "docvalue_fields": ["document_id", "material"],
    }


def any_body(clause: Clause, request: Request) -> dict[str, Any]:
    """A request that only tells whether there is a hit at all, without the filters."""
    return {
        "query": {"bool": {"filter": [clause, access_filter(request.access_tokens)]}},
        "size": 0,
        "terminate_after": 1,
        "track_total_hits": 1,
        "timeout": TIME_LIMIT,
    }


def segments_body(query: Query, document_ids: Sequence[int], *, relaxed: bool) -> dict[str, Any]:
    """A request for the best segments of some documents."""
    bigrams, characters = ("segments.text_b",), ("segments.text_c",)
    if relaxed:
        some = [_either(term, (*bigrams, *characters)) for term in query.telling]
    else:
        some = [_part(part, bigrams, characters) for part in query.parts]
    inner = {
        "size": SEGMENTS_A_DOCUMENT,
        "sort": [{"_score": "desc"}, {"segments.segment_id": "asc"}],
        "_source": False,
        "docvalue_fields": ["segments.segment_id"],
    }
    nested = {"path": "segments", "query": {"bool": {"should": some}}, "inner_hits": inner}
    return {
        "query": {"bool": {"must": [{"nested": nested}], "filter": [{"terms": {"document_id": list(document_ids)}}]}},
        "size": len(document_ids),
        "track_total_hits": False,
        "timeout": TIME_LIMIT,
        "_source": False,
        "docvalue_fields": ["document_id"],
    }


def segment_ids(answer: Mapping[str, Any]) -> dict[int, list[int]]:
    """Document id → segment ids, out of the answer to `segments_body`."""
    return {
        number(hit, "document_id"): [
            number(inner, "segments.segment_id") for inner in hit["inner_hits"]["segments"]["hits"]["hits"]
        ]
        for hit in answer["hits"]["hits"]
    }


def number(hit: Mapping[str, Any], field: str) -> int:
    """A number out of a hit's columns."""
    return int(hit["fields"][field][0])
