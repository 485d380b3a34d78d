"""视频处理 in the admin: the list, one recording, its preview, and the JSON that keeps them up to date."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, Table
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.parameters import whole_number
from cms.core.models import LectureMedia
from cms.lessons.videos import details, rows
from media_pipeline import reencoding, words
from media_pipeline.api import may_manage
from media_pipeline.presets import PRESET_VERSION

AT_MOST = 100
"""Rows that one poll may ask about."""
CELLS = ("state", "saved")
ICON = "cogs"


class StateFilter(WagtailFilterSet):
    """Running, failed, done, or made by an older ladder."""

    state = django_filters.ChoiceFilter(
        label=_("状态"),
        method="of_state",
        empty_label=_("全部"),
        choices=[
            ("running", _("进行中")),
            ("failed", _("失败")),
            ("done", _("已完成")),
            ("outdated", _("用的是旧方案")),
        ],
    )

    class Meta:
        model = LectureMedia
        fields: list[str] = []

    def of_state(self, queryset: QuerySet[LectureMedia], name: str, value: str) -> QuerySet[LectureMedia]:
        """The recordings of one choice."""
        if value == "running":
            return queryset.filter(job_state__in=rows.RUNNING)
        if value == "outdated":
            return queryset.exclude(job_version=None).exclude(job_version=PRESET_VERSION)
        return queryset.filter(job_state={"failed": rows.State.FAILED, "done": rows.State.PUBLISHED}[value])


class CellColumn(Column):
    """A cell with a template of its own, which the poll renders again."""

    cell_template_name = "lessons_admin/videos/cell.html"

    def get_cell_context_data(self, instance: rows.VideoRow, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return {**context, "row": instance, "template": f"lessons_admin/videos/_{self.name}.html"}


class VideoTable(Table):
    """A table whose rows carry the recording's id."""

    def get_row_attrs(self, instance: rows.VideoRow) -> dict[str, Any]:
        attrs: dict[str, Any] = super().get_row_attrs(instance)
        return {**attrs, "data-video": instance.media_id, "data-running": "1" if instance.running else "0"}


class VideoPaginator(WagtailPaginator):
    """Counts in the section's own words."""

    @cached_property
    def items_count_label(self) -> str:
        return _("%d 个") % self.count


class VideoIndexView(IndexView):
    """Every recording that the pipeline knows."""

    model = LectureMedia
    template_name = "lessons_admin/videos/index.html"
    results_template_name = "lessons_admin/videos/index_results.html"
    page_title = _("视频处理")
    header_icon = ICON
    index_url_name = "lessons_media:videos"
    index_results_url_name = "lessons_media:videos_results"
    filterset_class = StateFilter
    search_fields = ["title"]
    search_backend_name = None
    table_class = VideoTable
    paginate_by = 30
    paginator_class = VideoPaginator
    permission_policy = None
    """Whoever is in the admin may look, as at the progress panel: reviewers do."""
    columns = [
        CellColumn("title", label=_("视频")),
        CellColumn("state", label=_("进度")),
        CellColumn("saved", label=_("手机上省下的流量")),
    ]

    def get_base_queryset(self) -> QuerySet[LectureMedia]:
        return rows.recordings()

    def order_queryset(self, queryset: QuerySet[LectureMedia]) -> QuerySet[LectureMedia]:
        return queryset

    def get_table(self, object_list: Any) -> Any:
        return super().get_table(rows.rows(object_list))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "totals": rows.totals(),
            "queue": reencoding.queue(),
            "may_manage": may_manage(self.request),
            "version": PRESET_VERSION,
            "poll_ms": details.POLL_MS,
        }


def recording(media_id: int) -> LectureMedia:
    """The recording of that id; 404 where there is none or the pipeline has not taken it in."""
    return get_object_or_404(
        LectureMedia.objects.exclude(media_source=None).select_related("media_source"), pk=media_id
    )


class VideoPage(WagtailAdminTemplateMixin, TemplateView):
    """What the pages about one recording have in common."""

    header_icon = ICON

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.media = recording(kwargs["media_id"])

    def get_page_title(self) -> str:
        return self.media.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("lessons_media:videos"), "label": _("视频处理")}
        return [*super().get_breadcrumbs_items(), above, *self.crumbs()]

    def crumbs(self) -> list[dict[str, Any]]:
        """This page's place below the list."""
        return [{"url": "", "label": self.media.title}]


class VideoView(VideoPage):
    """One recording: how far it is, the plan and why, every rung."""

    template_name = "lessons_admin/videos/video.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **_video_context(self.media, self.request)}


def _video_context(media: LectureMedia, request: HttpRequest) -> dict[str, Any]:
    plan, source = details.plan_of(media), rows.source_of(media)
    return {
        "media": media,
        "source": source,
        "duration": words.span_text(source.duration_s) if source.duration_s else "",
        "live": details.live(media),
        "sentences": words.plan_sentences(plan),
        "dropped": details.dropped(plan),
        "rungs": details.rungs(media),
        "history": details.history(media),
        "usage": details.usage(media),
        "may_manage": may_manage(request),
        "version": PRESET_VERSION,
        "poll_ms": details.POLL_MS,
    }


@never_cache
@require_GET
def video_json(request: HttpRequest, media_id: int) -> JsonResponse:
    """The changing parts of a recording's page, as HTML by part; `poll_ms` is 0 when nothing will change any more."""
    context = _video_context(recording(media_id), request)
    parts = {
        part: render_to_string(f"lessons_admin/videos/_{part}.html", context, request=request)
        for part in ("live", "plan", "rungs")
    }
    return JsonResponse({"parts": parts, "poll_ms": details.POLL_MS if context["live"].row.running else 0})


@never_cache
@require_GET
def rows_json(request: HttpRequest) -> JsonResponse:
    """The cells of the rows `?id=…&id=…`, as HTML by row and cell; `poll_ms` is 0 when none of them runs."""
    asked = [whole_number(text, at_most=2**63 - 1) for text in request.GET.getlist("id")[:AT_MOST]]
    known = LectureMedia.objects.filter(pk__in=[number for number in asked if number is not None])
    found = rows.rows(known.select_related("media_source"))
    told = {
        str(row.media_id): {
            "running": row.running,
            **{cell: render_to_string(f"lessons_admin/videos/_{cell}.html", {"row": row}) for cell in CELLS},
        }
        for row in found
    }
    return JsonResponse({"rows": told, "poll_ms": details.POLL_MS if any(row.running for row in found) else 0})
