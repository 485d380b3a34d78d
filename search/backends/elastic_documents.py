"""What Elasticsearch stores of a document: mappings and settings as elasticsearch-dsl classes, and rows for them.

Texts come in as terms that `search.analysis` has cut, joined by spaces, and the server merely splits at spaces: both
engines, the highlighting and an offline package then agree about every word. The stock `standard` tokenizer would
not do: it drops the youngest characters of GB 18030 and private ones, and neither folds nor strips as we do.
Everything named here is in a stock Elasticsearch 8.19 without a plugin
(tests/unit/test_search_elastic.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from elasticsearch.dsl import Document, Index, InnerDoc, Keyword, Long, MetaField, Nested, Object, Text, analyzer

from search.analysis import bigram_stream, character_stream, units
from search.backends.base import IndexEntry, SegmentEntry
from search.backends.fields import TEXT_FIELDS

MAX_CHARACTERS = 2_000_000
"""What is taken of one text, and of all segments together, whatever somebody uploads: a request must stay below the
server's 100 MB."""
MAX_SEGMENTS = 10_000
"""Nested rows that a stock server takes in one document (index.mapping.nested_objects.limit)."""
SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    # A copy on a second machine as soon as there is one.
    "auto_expand_replicas": "0-1",
    # Named, so that an index that nobody searched for a while does not fall asleep: findable within two seconds.
    "refresh_interval": "1s",
}

TERMS = analyzer("terms", type="custom", tokenizer="whitespace")


def _text(**given: Any) -> Any:
    return Text(analyzer=TERMS, **given)


class FacetValues(InnerDoc):
    """The facets of the port (`search.backends.base.FACETS`)."""

    kind = Keyword()
    field = Keyword()
    group = Keyword()
    content_class = Keyword()
    language = Keyword()
    level = Keyword()
    length = Keyword()
    year = Keyword()
    place = Keyword()


class MaterialDocument(Document):
    """A document. Its characters are kept as they came, for `search.likeness`; texts are read from the database."""

    document_id = Long()
    version = Long()
    access = Keyword()
    material = Keyword()
    language = Keyword()
    published_s = Long()
    facets = Object(FacetValues)
    title_b = _text(copy_to="any")
    title_c = _text(copy_to="any")
    summary_b = _text(copy_to="any")
    summary_c = _text(copy_to="any")
    body_b = _text(copy_to="any")
    body_c = _text(copy_to="any")
    teachers_b = _text(copy_to="any")
    teachers_c = _text(copy_to="any")
    transcript_b = _text(copy_to="any")
    transcript_c = _text(copy_to="any")
    any = _text(index_options="freqs")

    class Meta:
        """Refuse what is not named above."""

        dynamic = MetaField("strict")
        source = MetaField(excludes=[f"{field}_b" for field in TEXT_FIELDS])


class SegmentText(InnerDoc):
    """A segment."""

    segment_id = Long()
    text_b = _text()
    text_c = _text()


class SegmentsDocument(Document):
    """The segments of one document: they come and go together, so they are one row with an address of its own."""

    document_id = Long()
    version = Long()
    segments = Nested(SegmentText)

    class Meta:
        """Refuse what is not named above."""

        dynamic = MetaField("strict")
        source = MetaField(includes=["document_id", "version"])


FAMILIES: dict[str, type[Document]] = {"materials": MaterialDocument, "segments": SegmentsDocument}


def index_body(family: str) -> dict[str, Any]:
    """Settings and mappings of an index of `materials` or `segments`."""
    index = Index(family)
    index.document(FAMILIES[family])
    index.settings(**SETTINGS)
    return dict(index.to_dict())


def streams(text: str) -> tuple[str, str]:
    """The bigrams and the characters of a text, joined by spaces."""
    analysed = units(text[:MAX_CHARACTERS])
    return " ".join(bigram_stream(analysed)), " ".join(character_stream(analysed))


def material_row(entry: IndexEntry) -> dict[str, Any]:
    """A document as `MaterialDocument` has it."""
    row: dict[str, Any] = {
        "document_id": entry.document_id,
        "version": entry.version,
        "access": list(entry.access_tokens),
        "material": entry.material or f"document {entry.document_id}",
        "language": entry.language,
        "published_s": entry.published_s,
        "facets": {facet: list(dict.fromkeys(values)) for facet, values in entry.facets.items()},
    }
    transcript = " ".join(segment.text for segment in _taken(entry.segments))
    for field, text in zip(
        TEXT_FIELDS, (entry.title, entry.summary, entry.body, entry.teachers, transcript), strict=True
    ):
        row[f"{field}_b"], row[f"{field}_c"] = streams(text)
    return row


def segments_row(entry: IndexEntry) -> dict[str, Any]:
    """The segments of a document as `SegmentsDocument` has them."""
    return {
        "document_id": entry.document_id,
        "version": entry.version,
        "segments": [_segment_row(segment) for segment in _taken(entry.segments)],
    }


def _segment_row(segment: SegmentEntry) -> dict[str, Any]:
    bigrams, characters = streams(segment.text)
    return {"segment_id": segment.segment_id, "text_b": bigrams, "text_c": characters}


def _taken(segments: Iterable[SegmentEntry]) -> Iterator[SegmentEntry]:
    """As many segments as one document may have, all their text together within the limit."""
    length = 0
    for segment in islice(segments, MAX_SEGMENTS):
        length += len(segment.text)
        if length > MAX_CHARACTERS:
            return
        yield segment
