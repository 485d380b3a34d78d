"""Reading: from a typed query to results that may be shown to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from search import highlight
from search.backends.base import MAX_HITS, Request
from search.engine import current_backend
from search.models import SearchDocument, SearchSegment
from search.query import Query, parse
from search.registry import PUBLIC, kind_label, source_of_kind
from search.windows import second_at

PAGE_SIZE = 10
SPOKEN_CHARACTERS = 44
"""What is shown of a place in a lecture: enough to know it again, three lines on a phone."""


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """A place in a lecture: where it starts, as a label (12:31), marked HTML and an address."""

    start_s: float
    label: str
    html: str
    url: str


@dataclass(frozen=True, slots=True)
class Result:
    """One material found; the `_html` values are escaped and marked."""

    material_id: UUID
    kind: str
    kind_label: str
    title: str
    title_html: str
    summary_html: str
    url: str
    segments: tuple[SegmentResult, ...]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of results. `relaxed`: nothing has all of the words, these have some of them; of a single word
    (`is_one_word`) its characters."""

    query: str
    results: tuple[Result, ...]
    total: int
    page: int
    pages: int
    relaxed: bool
    is_one_word: bool = False


def time_label(seconds: float) -> str:
    """751.3 → 12:31; hours only when there are any."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def search_materials(text: str, *, page: int = 1, page_size: int = PAGE_SIZE) -> ResultPage:
    """Search what everybody may read. Any text is allowed; a page outside of the results is the nearest one."""
    query = parse(text)
    hits = current_backend().search(Request(query, access_tokens=(PUBLIC,)))
    size = min(max(page_size, 1), MAX_HITS)
    ids = _people_last(hits.document_ids, query)
    pages = max(1, -(-len(ids) // size))
    number = min(max(page, 1), pages)
    wanted = ids[(number - 1) * size : number * size]
    documents = _visible_documents(wanted)
    segments = _segment_results(query, documents, relaxed=hits.relaxed)
    results = tuple(_result(query, document, segments.get(document.pk, ())) for document in documents)
    hidden = len(wanted) - len(documents)
    is_one_word = len(query.bigrams) == 1
    return ResultPage(query.text, results, len(ids) - hidden, number, pages, hits.relaxed, is_one_word)


def _people_last(document_ids: Sequence[int], query: Query) -> Sequence[int]:
    """Who asks for a subject wants what there is to learn of it first, then who teaches it; a name comes first."""
    if len(document_ids) < 2:
        return document_ids
    people = SearchDocument.objects.filter(pk__in=document_ids, kind="teacher").values_list("pk", "title")
    last = {pk for pk, name in people if not _is_named(name, query)}
    return sorted(document_ids, key=lambda each: each in last)


def _is_named(name: str, query: Query) -> bool:
    """Whether the query is a person's name, or most of it, and not a subject that a name happens to hold."""
    bare = name.partition("（")[0].strip()
    return 2 * sum(span.end - span.start for span in highlight.find(bare, query, loose=False)) > len(bare)


def _visible_documents(document_ids: Sequence[int]) -> list[SearchDocument]:
    """The documents in the order of the ids, each one's permission checked again in the database."""
    found = SearchDocument.objects.in_bulk(list(document_ids))
    documents = [found[each] for each in document_ids if each in found]
    visible: set[UUID] = set()
    by_source: dict[int, list[SearchDocument]] = {}
    for document in documents:
        by_source.setdefault(id(source_of_kind(document.kind)), []).append(document)
    for members in by_source.values():
        source = source_of_kind(members[0].kind)
        if source is not None:
            visible |= source.visible([member.material_id for member in members])
    return [document for document in documents if document.material_id in visible]


def _segment_results(
    query: Query, documents: Sequence[SearchDocument], *, relaxed: bool
) -> dict[int, tuple[SegmentResult, ...]]:
    places = current_backend().segments(query, [document.pk for document in documents], relaxed=relaxed)
    rows = SearchSegment.objects.in_bulk([each for members in places.values() for each in members])
    addresses = {document.pk: document.url for document in documents}
    return {
        document_id: _places(query, addresses[document_id], (rows[each] for each in members if each in rows))
        for document_id, members in places.items()
    }


def _places(query: Query, url: str, segments: Iterable[SearchSegment]) -> tuple[SegmentResult, ...]:
    """One result a cue, in the order of the lecture; overlapping windows find the same cue twice."""
    found: dict[float, SegmentResult] = {}
    for segment in segments:
        spans = highlight.find(segment.text, query)
        second = second_at(segment.cues, spans[0].start) if spans else segment.start_s
        if second is None or second in found:
            continue
        borders = [int(place) for place, _second in segment.cues]
        html = highlight.snippet(segment.text, query, length=SPOKEN_CHARACTERS, borders=borders)
        found[second] = SegmentResult(second, time_label(second), html, f"{url}?t={int(second)}")
    return tuple(sorted(found.values(), key=lambda each: each.start_s))


def _result(query: Query, document: SearchDocument, segments: tuple[SegmentResult, ...]) -> Result:
    summary = document.summary or document.body
    return Result(
        material_id=document.material_id,
        kind=document.kind,
        kind_label=kind_label(document.kind),
        title=document.title,
        title_html=highlight.mark(document.title, highlight.find(document.title, query)),
        summary_html=highlight.snippet(summary, query),
        url=document.url,
        segments=segments,
    )
