"""Reading: from a typed query to results that may be shown to whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from search import highlight
from search.access import reading_tokens, visible_documents
from search.backends.base import MAX_HITS, Hits, Request
from search.engine import current_backend, side_store
from search.models import SearchDocument, SearchSegment
from search.query import Query, parse
from search.registry import kind_label
from search.results import Result, ResultPage, SegmentResult, Version
from search.suggestions.correct import did_you_mean
from search.synonyms.selectors import expanded
from search.windows import second_at

PAGE_SIZE = 10
SPOKEN_CHARACTERS = 44
"""What is shown of a place in a lecture: enough to know it again, three lines on a phone."""
MAX_SHORT = 4
"""Characters of a word of which another spelling is looked for although something similar was found."""
_PERSON = "teacher"


def time_label(seconds: float) -> str:
    """751.3 → 12:31; hours only when there are any."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def search_materials(
    text: str,
    *,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    filters: Mapping[str, tuple[str, ...]] | None = None,
    language: str = "zh-hans",
    user: Any = None,
    count: tuple[str, ...] = (),
) -> ResultPage:
    """Search what a person may read. Any text is allowed; a page outside of the results is the nearest one.

    `filters` and `count` are facets (`search.backends.base`), `language` is the reader's own, `user` an account or
    None for everybody.
    """
    query = expanded(parse(text))
    counted = count if "kind" in count else (*count, "kind")
    request = Request(query, reading_tokens(user), filters or {}, language, counted)
    hits = current_backend().search(request)
    found = page_of(request, hits, user, max(page, 1), min(max(page_size, 1), MAX_HITS))
    if not found.total and request.filters:
        found = _with_what_is_hidden(found, request)
    if hits.relaxed and not found.hidden_by_all and _may_be_misspelt(query, found):
        return replace(found, suggestions=tuple(did_you_mean(side_store(), query, request.access_tokens)))
    return found


def _may_be_misspelt(query: Query, found: ResultPage) -> bool:
    """Whether another spelling is worth looking for: where something similar was found, only for short words."""
    return not found.total or all(len(part.units) <= MAX_SHORT for part in query.parts)


def page_of(request: Request, hits: Hits, user: Any, page: int, size: int) -> ResultPage:
    """A page of `size` hits as the person may see them; a page outside of the hits is the nearest one."""
    ids = hits.document_ids
    pages = max(1, -(-len(ids) // size))
    number = min(page, pages)
    shown, others, missing = _documents(request, hits, user, (number - 1) * size, number * size)
    segments = segment_results(request.query, shown, relaxed=hits.relaxed)
    results = (result_of(request.query, each, segments.get(each.pk, ()), others.get(each.pk, ())) for each in shown)
    return ResultPage(
        query=request.query.text,
        results=tuple(results),
        total=len(ids) - missing,
        page=number,
        pages=pages,
        relaxed=hits.relaxed,
        is_one_word=len(request.query.bigrams) == 1,
        filters=request.filters,
        facets=hits.facets,
        capped=len(ids) >= MAX_HITS,
        degraded=hits.degraded,
    )


def _with_what_is_hidden(found: ResultPage, request: Request) -> ResultPage:
    """At zero results: how many materials each filter keeps away, and all of them together."""

    def total(filters: Mapping[str, tuple[str, ...]]) -> int:
        return len(current_backend().search(replace(request, filters=filters, count=())).document_ids)

    without = {facet: {f: v for f, v in request.filters.items() if f != facet} for facet in request.filters}
    everything = total({})
    if len(without) == 1 or not everything:
        return replace(found, hidden=dict.fromkeys(without, everything), hidden_by_all=everything)
    return replace(found, hidden={f: total(rest) for f, rest in without.items()}, hidden_by_all=everything)


Documents = tuple[list[SearchDocument], dict[int, tuple[SearchDocument, ...]], int]


def _documents(request: Request, hits: Hits, user: Any, start: int, end: int) -> Documents:
    """What stands on a page, each one's versions in other languages, and how many had to be left out.

    One query: besides what the engine's order puts on the page it fetches the people, who may move out of its way.
    """
    ids = hits.document_ids
    people = hits.facets.get("kind", {}).get(_PERSON, 0)
    window = SearchDocument.objects.filter(pk__in=ids[start : end + people]).values("material_id")
    wanted = Q(material_id__in=window)
    if people:
        wanted |= Q(kind=_PERSON, pk__in=ids)
    rows = SearchDocument.objects.filter(wanted, is_draft=False).defer("facets").in_bulk() if ids else {}
    order = _people_last(ids, rows, request.query) if people else ids
    page = {rows[each].material_id for each in order[start:end] if each in rows}
    asked = (each for each in rows.values() if each.material_id in page)
    opened = [each for each in asked if set(each.access_tokens) & set(request.access_tokens)]
    visible = {each.pk: each for each in visible_documents(opened, user)}
    versions: dict[UUID, list[SearchDocument]] = {}
    for each in visible.values():
        versions.setdefault(each.material_id, []).append(each)
    shown = [visible[each] for each in order[start:end] if each in visible]
    others = {
        each.pk: tuple(other for other in versions.get(each.material_id, ()) if other.pk != each.pk) for each in shown
    }
    return shown, others, len(order[start:end]) - len(shown)


def _people_last(ids: Sequence[int], rows: Mapping[int, SearchDocument], query: Query) -> Sequence[int]:
    """Who asks for a subject wants what there is to learn of it first, then who teaches it; a name comes first."""
    people = (each for each in rows.values() if each.kind == _PERSON)
    last = {each.pk for each in people if not _is_named(each.title, query)}
    return sorted(ids, key=lambda each: each in last)


def _is_named(name: str, query: Query) -> bool:
    """Whether the query is a person's name, or most of it, and not a subject that a name happens to hold."""
    bare = name.partition("（")[0].strip()
    return 2 * sum(span.end - span.start for span in highlight.find(bare, query, loose=False)) > len(bare)


def segment_results(
    query: Query, documents: Sequence[SearchDocument], *, relaxed: bool
) -> dict[int, tuple[SegmentResult, ...]]:
    """Per document the places in its lecture and attachments that fit."""
    places = current_backend().segments(query, [document.pk for document in documents], relaxed=relaxed)
    rows = SearchSegment.objects.in_bulk([each for members in places.values() for each in members])
    addresses = {document.pk: document.url for document in documents}
    return {
        document_id: _places(query, addresses[document_id], (rows[each] for each in members if each in rows))
        for document_id, members in places.items()
    }


def _places(query: Query, url: str, segments: Iterable[SearchSegment]) -> tuple[SegmentResult, ...]:
    """One result a cue, in the order of the lecture; overlapping windows find the same cue twice."""
    found: dict[tuple[float, int, str], SegmentResult] = {}
    for segment in segments:
        place = _place(query, url, segment)
        if place is not None:
            found.setdefault((place.start_s or 0, place.page or 0, place.url), place)
    return tuple(found[key] for key in sorted(found))


def _place(query: Query, url: str, segment: SearchSegment) -> SegmentResult | None:
    """Where in the lecture or attachment it is; None for a passage of the text that the hit shows anyway."""
    if segment.kind not in (SearchSegment.Kind.SPEECH, SearchSegment.Kind.PAGE):
        return None
    borders = [int(place) for place, _second in segment.cues]
    html = highlight.snippet(segment.text, query, length=SPOKEN_CHARACTERS, borders=borders)
    if segment.kind == SearchSegment.Kind.SPEECH:
        spans = highlight.find(segment.text, query)
        second = second_at(segment.cues, spans[0].start) if spans else segment.start_s
        return (
            None if second is None else SegmentResult(second, None, time_label(second), html, f"{url}?t={int(second)}")
        )
    title = segment.title or gettext("附件")
    label = gettext("{title} 第 {page} 页").format(title=title, page=segment.page) if segment.page else title
    return SegmentResult(None, segment.page, label, html, segment.url or url)


def result_of(
    query: Query,
    document: SearchDocument,
    segments: tuple[SegmentResult, ...],
    others: Sequence[SearchDocument] = (),
) -> Result:
    """A document as a result, marked with what was asked; `others` are the same in other languages."""
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
        language=document.language,
        versions=tuple(Version(each.language, each.title, each.url) for each in others),
    )
