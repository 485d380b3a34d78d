"""全文查找, in the admin."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from search.editorial import search_with_drafts
from search.links import page_number
from search.query import clean


@require_safe
def materials(request: HttpRequest) -> HttpResponse:
    """`/admin/search/?q=…&p=…`. Whatever is typed gives a page."""
    text = request.GET.get("q", "")
    language = get_language() or settings.LANGUAGE_CODE
    number = page_number(request.GET.get("p", ""))
    searched = search_with_drafts(text, user=request.user, page=number, language=language)
    found = searched.found
    results = [
        {
            "url": each.url,
            "kind": each.kind_label,
            "is_draft": each.url in searched.drafts,
            "title": mark_safe(each.title_html),  # noqa: S308 - `search.highlight` escapes everything but its own <mark>
            "summary": mark_safe(each.summary_html),  # noqa: S308
            "places": [(place.url, place.label, mark_safe(place.html)) for place in each.segments],  # noqa: S308
        }
        for each in found.results
    ]
    context = {
        "query": clean(text),
        "found": found,
        "results": results,
        "turn": found.neighbours,
    }
    response = render(request, "search_admin/materials.html", context)
    patch_cache_control(response, no_store=True)
    return response
