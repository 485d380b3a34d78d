"""Video lessons and cases."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable, Page
from wagtailmedia.edit_handlers import MediaChooserPanel

from accounts.errors import PersonError
from cms.core.page_forms import MaterialPageForm
from cms.lessons import durations, pins, publication
from cms.lessons.panels import MediaProgressPanel, MinutesWarningPanel, TrackDropPanel
from cms.lessons.track_forms import TrackInlinePanel
from cms.review.guard import ReviewedPage


class ContentLanguage(models.TextChoices):
    """Languages of a track or subtitle (domain.md §5)."""

    CHINESE = "zh-hans", _("汉语")
    TIBETAN = "bo", _("藏语（卫藏）")
    AMDO = "adx", _("藏语（安多）")
    KHAM = "khg", _("藏语（康）")
    MONGOLIAN = "mn", _("蒙古语（西里尔）")
    MONGOLIAN_SCRIPT = "mn-Mong", _("蒙古语")


class TeachingMaterial(ReviewedPage, Page):
    """What lessons and cases share. `translation_key` is the material id used everywhere outside.

    Template `lessons/lesson.html` or `lessons/case.html`; context: `lesson` (LessonView), `player_data` (dict
    for the player's `lesson-data` JSON), `unit`, `outline` (ancestors), `page`.
    """

    video = models.ForeignKey(
        "core.LectureMedia",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("已有视频"),
        help_text=_("已经上传过的，从媒体库里选。"),
    )
    own_language = models.CharField(
        _("原声语言"),
        max_length=8,
        choices=ContentLanguage.choices,
        default=ContentLanguage.CHINESE,
        help_text=_("录像里讲的是什么语言。用藏语讲的课就选藏语，和汉语课一样对待。"),
    )
    summary = models.TextField(_("简介"), blank=True)
    nominal_minutes = models.PositiveSmallIntegerField(
        _("标称时长（分钟）"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("学完本课计入自学学时的分钟数。不填就按视频的真实长度（不足一分钟算一分钟）。"),
    )
    teacher = models.ForeignKey(
        "teachers.TeacherProfile", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("教师")
    )
    content_class = models.ForeignKey(
        "core.ContentClass", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("内容分类")
    )
    source_note = models.CharField(_("来源"), max_length=200, blank=True)
    copyright_note = models.CharField(_("版权"), max_length=200, blank=True)
    next_content_review = models.DateField(
        _("下次内容复核"), null=True, blank=True, help_text=_("到期后会在教学大纲总览中提示复核。")
    )
    media_pins = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Hashes of the media this revision shows."
    )

    base_form_class = MaterialPageForm
    parent_page_types = ["curriculum.OutlineUnit"]
    subpage_types: list[str] = []

    class Meta:
        abstract = True

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        """Save a revision that pins the hashes of its media as they are now; an empty length is the measured one."""
        durations.fill_minutes(self)
        self.media_pins = pins.current_pins(self)
        return super().save_revision(*args, **kwargs)

    def publication_blockers(self) -> list[PersonError]:
        return [*publication.blockers(self), *durations.blockers(self)]

    review_exhibit_template = "lessons_admin/exhibit.html"

    def review_exhibit(self) -> dict[str, Any]:
        """What a reviewer watches: this revision's picture, sounds and subtitles."""
        from cms.lessons import selectors, subtitle_fit

        view = selectors.lesson_view(self, draft=True)
        return {
            "lesson": view,
            "warning": durations.warning(self.nominal_minutes, view.duration_s),
            "subtitle_warnings": subtitle_fit.warnings(self.media_pins or {}, view.duration_s),
        }

    def after_publication(self) -> None:
        publication.publish(self)

    def after_withdrawal(self) -> None:
        publication.withdraw(self.translation_key)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.lessons import selectors

        return {**super().get_context(request, *args, **kwargs), **selectors.page_context(self, request)}


COMMON_PANELS = [
    *Page.content_panels,
    MultiFieldPanel(
        [MediaProgressPanel("video"), MediaChooserPanel("video", media_type="video"), FieldPanel("own_language")],
        heading=_("视频"),
    ),
    FieldPanel("summary"),
    MinutesWarningPanel(),
    FieldRowPanel([FieldPanel("nominal_minutes"), FieldPanel("teacher")]),
]
TRACK_PANELS = [
    TrackDropPanel("tracks", heading=_("各语言配音与字幕"), classname="track-drop-panel"),
    TrackInlinePanel("tracks", heading=_("已加入的配音与字幕"), label=_("配音或字幕")),
]
RIGHTS_PANEL = MultiFieldPanel(
    [FieldPanel("source_note"), FieldPanel("copyright_note"), FieldPanel("next_content_review")],
    heading=_("来源、版权与复核"),
)
AUDIENCE_PANEL = MultiFieldPanel(
    [FieldPanel("content_class"), FieldPanel("fields_of_work"), FieldPanel("member_groups")],
    heading=_("分类与对象"),
)


class Lesson(TeachingMaterial):
    """视频课."""

    class Genre(models.TextChoices):
        LECTURE = "lecture", _("党课")
        FILM = "film", _("党员教育片")
        WARNING = "warning", _("警示教育")
        ROLE_MODEL = "role_model", _("先进典型")
        SKILL = "skill", _("实用技术")

    template = "lessons/lesson.html"
    genre = models.CharField(_("体裁"), max_length=12, choices=Genre.choices, default=Genre.LECTURE)
    fields_of_work = ParentalManyToManyField("core.SocialField", blank=True, verbose_name=_("领域"))
    member_groups = ParentalManyToManyField("core.MemberGroup", blank=True, verbose_name=_("群体"))

    content_panels = [
        *COMMON_PANELS,
        FieldPanel("genre"),
        *TRACK_PANELS,
        InlinePanel("attachments", heading=_("附件"), label=_("附件")),
        AUDIENCE_PANEL,
        RIGHTS_PANEL,
    ]

    class Meta:
        verbose_name = _("视频课")
        verbose_name_plural = _("视频课")


class Case(TeachingMaterial):
    """案例."""

    template = "lessons/case.html"
    place = models.CharField(_("发生地"), max_length=120, blank=True)
    body = models.TextField(_("案例正文"), blank=True)
    fields_of_work = ParentalManyToManyField("core.SocialField", blank=True, verbose_name=_("领域"))
    member_groups = ParentalManyToManyField("core.MemberGroup", blank=True, verbose_name=_("群体"))

    content_panels = [
        *COMMON_PANELS,
        FieldPanel("place"),
        FieldPanel("body"),
        *TRACK_PANELS,
        InlinePanel("attachments", heading=_("附件"), label=_("附件")),
        AUDIENCE_PANEL,
        RIGHTS_PANEL,
    ]

    class Meta:
        verbose_name = _("案例")
        verbose_name_plural = _("案例")


class MaterialTrack(Orderable):
    """A dubbed sound track or a subtitle file, in one language."""

    class Kind(models.TextChoices):
        AUDIO = "audio", _("配音")
        SUBTITLE = "subtitle", _("字幕")

    kind = models.CharField(_("类型"), max_length=8, choices=Kind.choices)
    language = models.CharField(_("语言"), max_length=8, choices=ContentLanguage.choices)
    audio = models.ForeignKey(
        "core.LectureMedia", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("配音文件")
    )
    subtitle = models.ForeignKey(
        "core.PlatformDocument",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("字幕文件"),
        help_text=_("WebVTT（.vtt）或 SubRip（.srt）文件。"),
    )
    is_placeholder = models.BooleanField(
        _("占位音轨"), default=False, help_text=_("尚无真人配音时的占位提示音，播放时明示。")
    )

    panels = [
        FieldRowPanel(
            [FieldPanel("kind"), FieldPanel("language"), FieldPanel("is_placeholder", classname="track-audio")]
        ),
        MediaChooserPanel("audio", media_type="audio", classname="track-audio"),
        MediaProgressPanel("audio", heading=_("上传配音"), classname="track-audio"),
        FieldPanel(
            "subtitle",
            classname="track-subtitle",
            help_text=_("WebVTT（.vtt）、SubRip（.srt）或 ASS（.ass、.ssa）文件，存好后一律变成 WebVTT。"),
        ),
    ]

    class Meta(Orderable.Meta):
        abstract = True


class LessonTrack(MaterialTrack):
    lesson = ParentalKey(Lesson, on_delete=models.CASCADE, related_name="tracks")

    class Meta(Orderable.Meta):
        verbose_name = _("配音或字幕")
        verbose_name_plural = _("配音与字幕")


class CaseTrack(MaterialTrack):
    lesson = ParentalKey(Case, on_delete=models.CASCADE, related_name="tracks")

    class Meta(Orderable.Meta):
        verbose_name = _("配音或字幕")
        verbose_name_plural = _("配音与字幕")


class MaterialAttachment(Orderable):
    """A document that goes with a lesson."""

    document = models.ForeignKey("core.PlatformDocument", models.PROTECT, related_name="+", verbose_name=_("附件"))

    panels = [FieldPanel("document")]

    class Meta(Orderable.Meta):
        abstract = True


class LessonAttachment(MaterialAttachment):
    lesson = ParentalKey(Lesson, on_delete=models.CASCADE, related_name="attachments")

    class Meta(Orderable.Meta):
        verbose_name = _("附件")
        verbose_name_plural = _("附件")


class CaseAttachment(MaterialAttachment):
    lesson = ParentalKey(Case, on_delete=models.CASCADE, related_name="attachments")

    class Meta(Orderable.Meta):
        verbose_name = _("附件")
        verbose_name_plural = _("附件")


class PinnedSource(models.Model):
    """Which live material shows which source: who must hear of a re-encode."""

    material_id = models.UUIDField()
    source_sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["material_id", "source_sha256"], name="one_pin_a_source")]


class PublishedObject(models.Model):
    """Which live material needs which object of the public tree: who stands against its removal."""

    material_id = models.UUIDField()
    sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["material_id", "sha256"], name="one_object_a_material")]
