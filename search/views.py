"""找: the search page, complete without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.errors import SignInFirst
from cms.lessons.models import Case
from search import narrowing
from search.backends.base import FACETS
from search.engine import side_store
from search.links import address, page_number
from search.missed import services as missed
from search.query import clean
from search.related import material, related
from search.results import Result, ResultPage, SegmentResult, Version
from search.saved.models import SavedSearch
from search.selectors import search_materials
from search.suggestions.complete import complete

TEMPLATE = "search/results.html"
_LETTERS: Mapping[str, str] = {"zh-hans": "zh-Hans", "adx": "bo", "khg": "bo"}
"""In which letters a language is written, as HTML's `lang` names it; the others are named as they are."""


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - `search.highlight` escapes everything but its own <mark>


def localised(url: str) -> str:
    """The page below the prefix of the language that the visitor reads in; the index holds the plain address."""
    language = get_language()
    return url if language in (None, settings.LANGUAGE_CODE) else f"/{language}{url}"


def _segment_context(segment: SegmentResult) -> dict[str, object]:
    url = localised(segment.url) if segment.page is None else segment.url
    return {**asdict(segment), "html": _safe(segment.html), "url": url}


def _version_context(version: Version) -> dict[str, object]:
    return {"label": narrowing.label_of("language", version.language), "url": localised(version.url)}


def _result_context(result: Result) -> dict[str, object]:
    context = {**asdict(result), "title_html": _safe(result.title_html), "summary_html": _safe(result.summary_html)}
    context["url"] = localised(result.url)
    context["lang"] = _LETTERS.get(result.language, result.language)
    context["segments"] = [_segment_context(segment) for segment in result.segments]
    context["versions"] = [_version_context(version) for version in result.versions]
    return context


def _toggled(filters: narrowing.Filters, facet: str, value: str) -> dict[str, tuple[str, ...]]:
    """The filters with one value more, or less where it is chosen already."""
    values = filters.get(facet, ())
    changed = tuple(each for each in values if each != value) if value in values else (*values, value)
    return {**{name: each for name, each in filters.items() if name != facet}, **({facet: changed} if changed else {})}


def _choice_context(choice: narrowing.Choice, found: ResultPage) -> dict[str, Any]:
    return {**asdict(choice), "url": address(found.query, _toggled(found.filters, choice.facet, choice.value))}


def _narrowing(found: ResultPage) -> dict[str, Any]:
    """What the page says of filters: those to choose from, those chosen, and what they hide at zero results."""
    views = narrowing.views(found.facets, found.filters)
    shown: list[dict[str, Any]] = [
        {"name": view.name, "facet": view.facet, "choices": [_choice_context(each, found) for each in view.choices]}
        for view in views
    ]
    chosen = [choice for view in shown for choice in view["choices"] if choice["is_chosen"]]
    hidden = [
        {
            "label": "、".join(narrowing.label_of(facet, value) for value in found.filters[facet]),
            "count": count,
            "url": address(found.query, {name: values for name, values in found.filters.items() if name != facet}),
        }
        for facet, count in found.hidden.items()
        if count
    ]
    return {"facets": shown, "chosen": chosen, "hidden": hidden, "without_filters": address(found.query, {})}


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """`/search/?q=…&kind=…&page=…`. Whatever is typed gives a page."""
    text = request.GET.get("q", "")
    found = search_materials(
        text,
        page=page_number(request.GET.get("page", "")),
        filters=narrowing.read(request.GET),
        language=get_language() or settings.LANGUAGE_CODE,
        user=request.user,
        count=FACETS,
    )
    turn = {name: address(found.query, found.filters, number) for name, number in found.neighbours.items()}
    context = {
        **_narrowing(found),
        "query": clean(text),
        "found": found,
        "results": [_result_context(result) for result in found.results],
        "suggestions": [(each, address(each, {})) for each in found.suggestions],
        "relaxed": found.relaxed,
        "is_one_word": found.is_one_word,
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "turn": turn,
        "saved": [] if text else _saved(request),
        "may_copy_cases": request.user.has_perm("wagtailadmin.access_admin"),
        "filter_pairs": [(facet, value) for facet, values in found.filters.items() for value in values],
    }
    if text and found.has_nothing:
        missed.note(text, timezone.localdate())
    response = render(request, TEMPLATE, context)
    patch_cache_control(response, no_store=True) if text else None
    return response


def _saved(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's own searches, to ask again or to forget."""
    if not request.user.is_authenticated:
        return []
    rows = SavedSearch.objects.filter(user=request.user)
    return [{"pk": each.pk, "name": each.name, "url": address(each.query, each.filters)} for each in rows]


@require_safe
def related_materials(request: HttpRequest, material_id: UUID) -> HttpResponse:
    """`/search/related/<material>/`: what else there is on its subject."""
    document = material(material_id, request.user)
    if document is None:
        raise Http404
    found = related(document, language=get_language() or settings.LANGUAGE_CODE, user=request.user)
    context = {
        "title": document.title,
        "url": localised(document.url),
        "results": [_result_context(each) for each in found],
        "may_copy_cases": request.user.has_perm("wagtailadmin.access_admin"),
    }
    return render(request, "search/related.html", context)


@require_safe
def copy_case(request: HttpRequest, material_id: UUID) -> HttpResponse:
    """`/search/copy/<material>/`: to Wagtail's own copying of a published case, where rights are asked and a place is
    chosen; the copy is a draft that goes through review like any other."""
    if not request.user.is_authenticated:
        raise SignInFirst
    case = Case.objects.live().filter(translation_key=material_id).first()
    if case is None:
        raise Http404
    return redirect("wagtailadmin_pages:copy", case.pk)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """`/search/suggest/?q=…`: how to go on, from what everybody may read."""
    typed = request.GET.get("q", "")
    response = JsonResponse({"query": clean(typed), "suggestions": complete(side_store(), typed)})
    patch_cache_control(response, no_store=True)
    return response
