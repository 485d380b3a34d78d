"""JSON for the build panel. Wagtail's hook lets only staff through; the right to change packages,
and the tree in which a person holds it, are checked here.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import date as format_date
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotPermitted
from offline.packages import selectors, services
from offline.packages.models import OfflinePackage, PackageBuild
from offline.packages.reach import may_build, packages_within

RIGHT = "packages.add_offlinepackage"
"""Who composes builds. Reviewers hold the right to change: a snippet's edit view, where they decide, asks for it."""


@never_cache
@require_safe
def builds(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest builds of a package, newest first."""
    return JsonResponse({"builds": [_row(build) for build in selectors.builds(_package(request, pk))]})


@never_cache
@require_POST
def build(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a build; the answer is its row."""
    package = _package(request, pk)
    if not may_build(request.user, package):
        raise NotPermitted
    return JsonResponse({"build": _row(services.request_build(package))}, status=202)


def _package(request: HttpRequest, pk: int) -> OfflinePackage:
    if not request.user.has_perm(RIGHT):
        raise NotPermitted
    return get_object_or_404(packages_within(request.user, OfflinePackage.objects.all()), pk=pk)


def _row(row: PackageBuild) -> dict[str, Any]:
    moment = timezone.localtime(row.published_at or row.created_at)
    return {
        "id": row.pk,
        "state": row.state,
        "state_label": row.get_state_display(),
        "progress": row.progress,
        "version": _("第 {version} 版").format(version=row.version) if row.version else "—",
        "size": f"{-(-row.sizes.get('small', 0) // 1_000_000)} MB" if row.sizes else "—",
        "minutes": row.minutes,
        "lessons": len(row.materials),
        "recalled": len(row.recalled),
        "moment": format_date(moment, "Y-m-d H:i"),
        "error": row.error_detail,
        "error_code": row.error_code,
    }


app_name = "packages_admin"
urlpatterns = [
    path("<int:pk>/builds/", builds, name="builds"),
    path("<int:pk>/build/", build, name="build"),
]
