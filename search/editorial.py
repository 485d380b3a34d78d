"""Searching in the admin: what is published and, beside it, the drafts that the person may open in the editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from search.access import tokens_of, visible_documents
from search.backends.base import MAX_HITS, Request
from search.engine import current_backend
from search.models import SearchDocument
from search.query import parse
from search.results import ResultPage
from search.selectors import result_of, segment_results
from search.synonyms.selectors import expanded

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class EditorialPage:
    """A page of results, and which of their addresses are those of drafts in their editor."""

    found: ResultPage
    drafts: frozenset[str]


def search_with_drafts(text: str, *, user: Any, page: int = 1, language: str = "zh-hans") -> EditorialPage:
    """What a person of the admin may read or edit, best first. A draft is a result of its own, and leads to its editor.

    Any text is allowed; a page outside of the results is the nearest one.
    """
    request = Request(expanded(parse(text)), tokens_of(user), language=language)
    hits = current_backend().search(request)
    ids = hits.document_ids
    pages = max(1, -(-len(ids) // PAGE_SIZE))
    number = min(max(page, 1), pages)
    wanted = ids[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    rows = SearchDocument.objects.defer("facets").in_bulk(wanted)
    shown = visible_documents([rows[each] for each in wanted if each in rows], user)
    places = segment_results(request.query, shown, relaxed=hits.relaxed)
    found = ResultPage(
        query=request.query.text,
        results=tuple(result_of(request.query, each, places.get(each.pk, ())) for each in shown),
        total=len(ids) - len(wanted) + len(shown),
        page=number,
        pages=pages,
        relaxed=hits.relaxed,
        capped=len(ids) >= MAX_HITS,
        degraded=hits.degraded,
    )
    return EditorialPage(found, frozenset(each.url for each in shown if each.is_draft))
