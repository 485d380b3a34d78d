"""Lessons in the admin: the overview as the editors' home, and the addresses of the progress panel."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.lessons import admin_urls, overview
from cms.review.guard import TAKE_DOWN_PERMISSION


def curriculum_overview(request: HttpRequest) -> HttpResponse:
    """教学大纲总览; `?gaps=1` leaves out what lacks nothing."""
    only_gaps = request.GET.get("gaps") == "1"
    outlines = overview.tree(today=timezone.localdate())
    shown = [outline for outline in outlines if outline.gaps or not only_gaps]
    context = {
        "outlines": shown,
        "only_gaps": only_gaps,
        "gaps": sum(outline.gaps for outline in outlines),
        "add_url": _add_outline_url(),
        "may_take_down": request.user.has_perm(TAKE_DOWN_PERMISSION),
    }
    return render(request, "lessons_admin/overview.html", context)


def _add_outline_url() -> str:
    from cms.curriculum.models import CurriculumIndex

    index = CurriculumIndex.objects.first()
    return reverse("wagtailadmin_pages:add", args=["curriculum", "curriculumoutline", index.pk]) if index else ""


@hooks.register("register_admin_urls")
def lesson_urls() -> list[Any]:
    return [
        path("curriculum/", curriculum_overview, name="curriculum_overview"),
        path("", include((admin_urls.urlpatterns, admin_urls.app_name))),
    ]


@hooks.register("register_admin_menu_item")
def overview_menu_item() -> MenuItem:
    return MenuItem(
        _("教学大纲总览"), reverse("curriculum_overview"), name="curriculum-overview", icon_name="list-ul", order=50
    )
