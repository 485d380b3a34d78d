"""Keeping a search and forgetting it: plain forms."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.errors import SignInFirst
from search import narrowing
from search.links import address
from search.query import clean
from search.saved import services


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the search that the form carries, and go back to it."""
    if not request.user.is_authenticated:
        raise SignInFirst
    query, filters = clean(request.POST.get("q", "")), narrowing.read(request.POST)
    if query:
        services.save_search(user=request.user, name=request.POST.get("name", ""), query=query, filters=filters)
    return redirect(reverse("search:results") + (address(query, filters) if query else ""))


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own."""
    if not request.user.is_authenticated:
        raise SignInFirst
    services.forget_search(user=request.user, pk=pk)
    return redirect("search:results")
