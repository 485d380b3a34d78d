"""Video lessons and cases."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.models import Orderable, Page


class ContentLanguage(models.TextChoices):
    """Languages of a track or subtitle (domain.md §5)."""

    CHINESE = "zh-hans", _("汉语")
    TIBETAN = "bo", _("藏语（卫藏）")
    AMDO = "adx", _("藏语（安多）")
    KHAM = "khg", _("藏语（康）")
    MONGOLIAN = "mn", _("蒙古语（西里尔）")
    MONGOLIAN_SCRIPT = "mn-Mong", _("蒙古语")


class TeachingMaterial(Page):
    """What lessons and cases share. `translation_key` is the material id used everywhere outside."""

    video = models.ForeignKey(
        "core.LectureMedia", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("视频")
    )
    summary = models.TextField(_("简介"), blank=True)
    nominal_minutes = models.PositiveSmallIntegerField(_("标称时长（分钟）"), default=12)
    teacher = models.ForeignKey(
        "teachers.TeacherProfile", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("教师")
    )
    content_class = models.ForeignKey(
        "core.ContentClass", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("内容分类")
    )
    source_note = models.CharField(_("来源"), max_length=200, blank=True)
    copyright_note = models.CharField(_("版权"), max_length=200, blank=True)
    next_content_review = models.DateField(_("下次内容复核"), null=True, blank=True)
    media_pins = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Hashes of the media this revision shows."
    )

    class Meta:
        abstract = True


class Lesson(TeachingMaterial):
    """视频课."""

    class Genre(models.TextChoices):
        LECTURE = "lecture", _("党课")
        FILM = "film", _("党员教育片")
        WARNING = "warning", _("警示教育")
        ROLE_MODEL = "role_model", _("先进典型")
        SKILL = "skill", _("实用技术")

    genre = models.CharField(_("体裁"), max_length=12, choices=Genre.choices, default=Genre.LECTURE)
    fields_of_work = ParentalManyToManyField("core.SocialField", blank=True, verbose_name=_("领域"))
    member_groups = ParentalManyToManyField("core.MemberGroup", blank=True, verbose_name=_("群体"))

    parent_page_types = ["curriculum.OutlineUnit"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("视频课")
        verbose_name_plural = _("视频课")


class Case(TeachingMaterial):
    """案例."""

    place = models.CharField(_("发生地"), max_length=120, blank=True)
    fields_of_work = ParentalManyToManyField("core.SocialField", blank=True, verbose_name=_("领域"))
    member_groups = ParentalManyToManyField("core.MemberGroup", blank=True, verbose_name=_("群体"))

    parent_page_types = ["curriculum.OutlineUnit"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("案例")
        verbose_name_plural = _("案例")


class LessonTrack(Orderable):
    """A dubbed sound track or a subtitle file of a lesson, in one language."""

    class Kind(models.TextChoices):
        AUDIO = "audio", _("配音")
        SUBTITLE = "subtitle", _("字幕")

    lesson = ParentalKey(Lesson, on_delete=models.CASCADE, related_name="tracks")
    kind = models.CharField(_("类型"), max_length=8, choices=Kind.choices)
    language = models.CharField(_("语言"), max_length=8, choices=ContentLanguage.choices)
    audio = models.ForeignKey("core.LectureMedia", models.PROTECT, null=True, blank=True, related_name="+")
    subtitle = models.ForeignKey("core.PlatformDocument", models.PROTECT, null=True, blank=True, related_name="+")
    is_placeholder = models.BooleanField(
        _("占位音轨"), default=False, help_text=_("尚无真人配音时的占位提示音，播放时明示。")
    )


class LessonAttachment(Orderable):
    lesson = ParentalKey(Lesson, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey("core.PlatformDocument", models.PROTECT, related_name="+", verbose_name=_("附件"))
