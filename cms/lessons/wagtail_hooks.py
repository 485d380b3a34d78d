"""Lessons in the admin: the overview as the editors' home, and the addresses of the progress panel."""

from __future__ import annotations

from typing import Any

from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from cms.lessons import admin_urls, overview
from cms.lessons.panels import may_upload
from cms.review.guard import TAKE_DOWN_PERMISSION
from media_pipeline.api import may_manage


def overview_context(request: HttpRequest, *, only_gaps: bool = False) -> dict[str, Any]:
    """What the overview's template shows, on its own page and at home."""
    outlines = overview.tree(today=timezone.localdate())
    return {
        "outlines": [outline for outline in outlines if outline.gaps or not only_gaps],
        "only_gaps": only_gaps,
        "gaps": sum(outline.gaps for outline in outlines),
        "add_url": _add_outline_url(),
        "may_take_down": request.user.has_perm(TAKE_DOWN_PERMISSION),
    }


def curriculum_overview(request: HttpRequest) -> HttpResponse:
    """教学大纲总览; `?gaps=1` leaves out what lacks nothing."""
    only_gaps = request.GET.get("gaps") == "1"
    return render(request, "lessons_admin/overview.html", overview_context(request, only_gaps=only_gaps))


class OverviewAtHome(Component):
    """教学大纲总览 as the home of whoever may write: the gaps come first (look.md)."""

    name = "curriculum_overview"
    template_name = "lessons_admin/overview_at_home.html"
    order = 95

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        return {**super().get_context_data(parent_context), **overview_context(request), "request": request}

    @property
    def media(self) -> Media:
        return Media(css={"all": ["lessons/overview.css"]})


@hooks.register("construct_homepage_panels")
def put_the_overview_at_home(request: HttpRequest, panels: list[Component]) -> None:
    """Reviewers, who write nothing, keep their queue as the first thing."""
    from cms.curriculum.models import CurriculumIndex

    index = CurriculumIndex.objects.first()
    if index is not None and index.permissions_for_user(request.user).can_add_subpage():
        panels.append(OverviewAtHome())


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


class VideosMenuItem(MenuItem):
    """For those who make lessons or review them; others of the admin have no use for it."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_manage(request) or request.user.has_perm("review.view_reviewrecord")


@hooks.register("register_admin_menu_item")
def videos_menu_item() -> MenuItem:
    return VideosMenuItem(_("视频处理"), reverse("lessons_media:videos"), name="videos", icon_name="cogs", order=60)


@hooks.register("register_admin_menu_item")
def overview_menu_item() -> MenuItem:
    return MenuItem(
        _("教学大纲总览"), reverse("curriculum_overview"), name="curriculum-overview", icon_name="list-ul", order=50
    )


class UploadingMenuItem(MenuItem):
    """上传中, for whoever may upload."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_upload(request.user)


@hooks.register("register_admin_menu_item")
def uploading_menu_item() -> MenuItem:
    return UploadingMenuItem(
        _("上传中"), reverse("lessons_media:uploading"), name="uploading", icon_name="upload", order=60
    )
