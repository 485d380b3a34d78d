"""教学大纲总览: every outline, unit and lesson with what it has and what it lacks (look.md: the editors' home)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.models import WorkflowState

from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.curriculum.tree import by_parent
from cms.lessons import durations
from cms.lessons.models import Case, CaseTrack, Lesson, LessonTrack
from media_pipeline.models import Rendition, TranscodeJob

TIBETAN = frozenset({"bo", "adx", "khg"})
REVIEW_SOON = timedelta(days=60)
UNREGISTERED = "unregistered"
TROUBLE = {
    "failed": gettext_noop("转码失败"),
    "cancelled": gettext_noop("转码已取消"),
    UNREGISTERED: gettext_noop("未登记"),
}
"""States of a recording that nobody will see unless somebody does something."""
SERVED = "served"
"""A complete set of renditions is served, whatever becomes of a re-encode."""


@dataclass(frozen=True)
class Check:
    """One thing a lesson should have. `state`: "ok", "warn" (coming, or due soon) or "gap"."""

    name: str
    state: str
    text: str
    url: str


@dataclass(frozen=True)
class LessonRow:
    title: str
    kind: str
    status: str
    edit_url: str
    checks: list[Check]
    take_down_url: str = ""

    @property
    def gaps(self) -> int:
        return sum(check.state == "gap" for check in self.checks)


@dataclass(frozen=True)
class UnitRow:
    title: str
    role: str
    status: str
    edit_url: str
    add_url: str
    lessons: list[LessonRow] = field(default_factory=list)

    @property
    def gaps(self) -> int:
        return sum(lesson.gaps for lesson in self.lessons) + (not self.lessons)


@dataclass(frozen=True)
class OutlineRow:
    title: str
    edition: str
    status: str
    edit_url: str
    add_url: str
    units: list[UnitRow] = field(default_factory=list)

    @property
    def gaps(self) -> int:
        return sum(unit.gaps for unit in self.units) + (not self.units)


def review_check(due: date | None, *, today: date, edit_url: str) -> Check:
    """How the date of the next content review stands; pure."""
    name, url = _("复核"), f"{edit_url}#id_next_content_review"
    if due is None:
        return Check(name, "gap", _("未定日期"), url)
    if due <= today:
        return Check(name, "gap", _("%(date)s 已到期") % {"date": due}, url)
    if due - today <= REVIEW_SOON:
        return Check(name, "warn", _("%(date)s 将到期") % {"date": due}, url)
    return Check(name, "ok", f"{due:%Y-%m-%d}", url)


def video_check(lesson: Any, sources: dict[int, tuple[bool, str]], *, edit_url: str) -> Check:
    """Whether the lesson's own recording can be shown."""
    name, url = _("视频"), f"{edit_url}#id_video-chooser"
    if lesson.video_id is None:
        return Check(name, "gap", _("没有视频"), url)
    has_sound, state = sources.get(lesson.video.media_source_id or 0, (False, UNREGISTERED))
    if has_sound and state in (SERVED, "published", ""):
        return Check(name, "ok", _("已转码"), url)
    if lesson.video.media_source_id is not None:
        url = reverse("lessons_media:video", args=[lesson.video_id])
    if state in TROUBLE:
        return Check(name, "gap", _(TROUBLE[state]), url)
    return Check(name, "warn", _("转码中"), url)


def minutes_check(lesson: Any, *, edit_url: str) -> Check:
    """Whether what the lesson counts for fits how long it plays."""
    name, url = _("时长"), f"{edit_url}#id_nominal_minutes"
    duration_s = durations.measured_s(lesson)
    if lesson.nominal_minutes is None:
        return Check(name, "gap" if lesson.video_id is None else "warn", _("未填"), url)
    said = durations.warning(lesson.nominal_minutes, duration_s)
    return Check(name, "warn", said, url) if said else Check(name, "ok", _("%s 分钟") % lesson.nominal_minutes, url)


def tracks_checks(lesson: Any, tracks: list[Any], *, edit_url: str) -> list[Check]:
    """Tibetan sound, be it the recording's own, and subtitles."""
    url = f"{edit_url}#id_tracks-FORMS"
    dubs = [track for track in tracks if track.kind == "audio" and track.language in TIBETAN]
    real = [track.get_language_display() for track in dubs if not track.is_placeholder]
    if lesson.own_language in TIBETAN:
        real.insert(0, lesson.get_own_language_display())
    if real:
        sound = Check(_("藏语配音"), "ok", "、".join(real), url)
    elif dubs:
        sound = Check(_("藏语配音"), "warn", _("仅占位"), url)
    else:
        sound = Check(_("藏语配音"), "gap", _("没有"), url)
    titles = [track.get_language_display() for track in tracks if track.kind == "subtitle"]
    subtitle = Check(_("字幕"), "ok", "、".join(titles), url) if titles else Check(_("字幕"), "gap", _("没有"), url)
    return [sound, subtitle]


def tree(*, today: date) -> list[OutlineRow]:
    """The whole curriculum with its gaps, drafts included; ten queries however large."""
    lessons = _lesson_rows(today=today)
    units = by_parent(OutlineUnit.objects.all())
    return [
        OutlineRow(
            title=outline.get_admin_display_title(),
            edition=outline.edition,
            status=str(outline.status_string),
            edit_url=_edit_url(outline),
            add_url=reverse("wagtailadmin_pages:add", args=["curriculum", "outlineunit", outline.pk]),
            units=[_unit_row(unit, lessons.get(unit.path, [])) for unit in units.get(outline.path, [])],
        )
        for outline in CurriculumOutline.objects.order_by("path")
    ]


def _unit_row(unit: OutlineUnit, lessons: list[LessonRow]) -> UnitRow:
    return UnitRow(
        title=unit.get_admin_display_title(),
        role=str(unit.get_role_display()),
        status=str(unit.status_string),
        edit_url=_edit_url(unit),
        add_url=reverse("wagtailadmin_pages:add", args=["lessons", "lesson", unit.pk]),
        lessons=lessons,
    )


def _edit_url(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _take_down_url(page: Any) -> str:
    back = urlencode({"next": reverse("curriculum_overview")})
    return f"{reverse('wagtailadmin_pages:unpublish', args=[page.pk])}?{back}"


def _lesson_rows(*, today: date) -> dict[str, list[LessonRow]]:
    sources = _source_states()
    found: list[Any] = []
    tracks: dict[int, list[Any]] = {}
    for model, track_model in ((Lesson, LessonTrack), (Case, CaseTrack)):
        for track in track_model.objects.all():
            tracks.setdefault(track.lesson_id, []).append(track)
        found += model.objects.select_related("video__media_source").prefetch_related(_runs())
    return {
        path: [_lesson_row(lesson, tracks.get(lesson.pk, []), sources, today=today) for lesson in lessons]
        for path, lessons in by_parent(found).items()
    }


def _lesson_row(lesson: Any, tracks: list[Any], sources: dict[int, tuple[bool, str]], *, today: date) -> LessonRow:
    edit_url = _edit_url(lesson)
    return LessonRow(
        title=lesson.get_admin_display_title(),
        kind=str(lesson._meta.verbose_name),
        status=_("已发布") if lesson.live and not lesson.has_unpublished_changes else _status(lesson),
        edit_url=edit_url,
        take_down_url=_take_down_url(lesson) if lesson.live else "",
        checks=[
            video_check(lesson, sources, edit_url=edit_url),
            minutes_check(lesson, edit_url=edit_url),
            *tracks_checks(lesson, tracks, edit_url=edit_url),
            review_check(lesson.next_content_review, today=today, edit_url=edit_url),
        ],
    )


def _runs() -> Prefetch:
    """The runs of the review under way. Wagtail's own prefetch finds none for a queryset of one page model."""
    runs = WorkflowState.objects.active().select_related("current_task_state__task")
    return Prefetch("_specific_workflow_states", queryset=runs, to_attr="_current_workflow_states")


def _status(lesson: Any) -> str:
    run = lesson.current_workflow_state
    if run is not None and run.current_task_state is not None:
        stage = run.current_task_state.task.name
        if run.status == WorkflowState.STATUS_NEEDS_CHANGES:
            said = _("已发布，修改被退回（%s）") if lesson.live else _("被退回（%s）")
        else:
            said = _("已发布，修改审核中（%s）") if lesson.live else _("审核中（%s）")
        return said % stage
    return _("已发布，另有草稿") if lesson.live else _("草稿")


def _source_states() -> dict[int, tuple[bool, str]]:
    """By source: whether it has sound, and the state of its newest job (or `SERVED` once one was published)."""
    sound = set(Rendition.objects.filter(kind=Rendition.Kind.AUDIO).values_list("source_id", flat=True))
    states = dict(TranscodeJob.objects.order_by("pk").values_list("source_id", "state"))
    done = TranscodeJob.objects.filter(state=TranscodeJob.State.PUBLISHED)
    states.update(dict.fromkeys(done.values_list("source_id", flat=True), SERVED))
    return {source: (source in sound, states.get(source, "")) for source in sound | set(states)}
