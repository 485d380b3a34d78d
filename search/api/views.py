"""`/api/v1/search`: what a person would find, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page

from search import narrowing
from search.api.description import document
from search.api.errors import NumberInvalid, OnlyReading, QueryMissing, TooDeep
from search.backends.base import FACETS, MAX_HITS
from search.engine import side_store
from search.missed import services as missed
from search.query import clean
from search.results import Result, ResultPage
from search.selectors import PAGE_SIZE, search_materials
from search.suggestions.complete import complete

MAX_SIZE = 100
View = Callable[[HttpRequest], HttpResponse]


def _answered(view: View) -> View:
    """Reading only; an answer may be kept but is asked for again each time: what was taken down is gone at once."""
    revalidated = conditional_page(view)

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            raise OnlyReading
        response = revalidated(request)
        patch_cache_control(response, no_cache=True, private=True)
        patch_vary_headers(response, ["Cookie", "Accept-Language"])
        return response

    return answer


def _whole(request: HttpRequest, name: str, default: int, most: int) -> int:
    text = request.GET.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= most):
        raise NumberInvalid(name=name, most=most)
    return int(text)


def _words(request: HttpRequest) -> str:
    text = request.GET.get("q", "")
    if not clean(text):
        raise QueryMissing
    return text


def _json(value: Mapping[str, Any]) -> JsonResponse:
    return JsonResponse(value, json_dumps_params={"ensure_ascii": False})


@_answered
def search(request: HttpRequest) -> HttpResponse:
    """`?q=…`, with `page`, `size`, `prefer` (the reader's language) and facets as filters."""
    text = _words(request)
    page = _whole(request, "page", 1, MAX_HITS)
    size = _whole(request, "size", PAGE_SIZE, MAX_SIZE)
    if page * size > MAX_HITS:
        raise TooDeep(most=MAX_HITS)
    found = search_materials(
        text,
        page=page,
        page_size=size,
        filters=narrowing.read(request.GET),
        language=request.GET.get("prefer", "zh-hans"),
        user=request.user,
        count=FACETS,
    )
    if found.has_nothing:
        missed.note(text, timezone.localdate())
    return _json(_page(found, page, size))


def _page(found: ResultPage, page: int, size: int) -> dict[str, Any]:
    views = narrowing.views(found.facets, found.filters, all_of_them=True)
    return {
        "query": found.query,
        "total": found.total,
        "total_is_at_least": found.capped,
        "page": page,
        "pages": found.pages,
        "size": size,
        "relaxed": found.relaxed,
        "degraded": found.degraded,
        "filters": {facet: list(values) for facet, values in found.filters.items()},
        "hidden": dict(found.hidden),
        "hidden_by_all": found.hidden_by_all,
        "suggestions": list(found.suggestions),
        "results": [_result(each) for each in found.results] if page == found.page else [],
        "facets": {
            view.facet: [{"value": each.value, "label": each.label, "count": each.count} for each in view.choices]
            for view in views
        },
    }


def _result(result: Result) -> dict[str, Any]:
    values = asdict(result)
    return {**values, "material_id": str(result.material_id)}


@_answered
def suggestions(request: HttpRequest) -> HttpResponse:
    """`?q=…`: how a word may go on."""
    text = _words(request)
    return _json({"query": clean(text), "suggestions": complete(side_store(), text)})


@_answered
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of these addresses."""
    return _json(document())
