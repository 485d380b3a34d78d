"""找: the search page, complete without JavaScript."""

from __future__ import annotations

from dataclasses import asdict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from search.query import clean
from search.selectors import Result, SegmentResult, search_materials

TEMPLATE = "search/results.html"
MAX_PAGE = 100


def _page_number(text: str) -> int:
    """The page asked for; anything that is not a small number is the first."""
    return min(int(text), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - `search.highlight` escapes everything but its own <mark>


def _localised(url: str) -> str:
    """The page below the prefix of the language that the visitor reads in; the index holds the plain address."""
    language = get_language()
    return url if language in (None, settings.LANGUAGE_CODE) else f"/{language}{url}"


def _segment_context(segment: SegmentResult) -> dict[str, object]:
    return {**asdict(segment), "html": _safe(segment.html), "url": _localised(segment.url)}


def _result_context(result: Result) -> dict[str, object]:
    context = {**asdict(result), "title_html": _safe(result.title_html), "summary_html": _safe(result.summary_html)}
    context["url"] = _localised(result.url)
    context["segments"] = [_segment_context(segment) for segment in result.segments]
    return context


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """`/search/?q=…&page=…`. Whatever is typed gives a page."""
    text = request.GET.get("q", "")
    found = search_materials(text, page=_page_number(request.GET.get("page", "")))
    context = {
        "query": clean(text),
        "results": [_result_context(result) for result in found.results],
        "suggestion": None,
        "relaxed": found.relaxed,
        "is_one_word": found.is_one_word,
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "previous_page": found.page - 1 if found.page > 1 else None,
        "next_page": found.page + 1 if found.page < found.pages else None,
    }
    response = render(request, TEMPLATE, context)
    patch_cache_control(response, no_store=True) if text else None
    return response
