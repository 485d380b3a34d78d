"""JSON views of packages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from offline.packages import selectors


@require_safe
@cache_control(no_cache=True)
def packages(request: HttpRequest) -> HttpResponse:
    """Every package that can be fetched. Public: authority lies in the signed metadata, not in this list."""
    listed = [package.as_dict() for package in selectors.published_packages()]
    return JsonResponse({"packages": listed})
