"""高原先锋师资库: teacher profiles; the pool is a query."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)

from cms.review.guard import Reviewed
from cms.teachers.fields import ChoiceListField
from cms.teachers.secrets import EncryptedTextField

LANGUAGES = [
    ("zh-hans", _("汉语")),
    ("bo", _("藏语（卫藏）")),
    ("adx", _("藏语（安多）")),
    ("khg", _("藏语（康）")),
    ("mn", _("蒙古语")),
]
MONTHS = [(month, f"{month}月") for month in range(1, 13)]


class TeacherProfile(
    Reviewed,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    ClusterableModel,
):
    """A teacher (domain.md §4).

    The telephone number is no part of the profile: it lies encrypted in `TeacherContact`, so that no revision,
    comparison, search index, template or export of a profile can hold it.
    """

    class Category(models.TextChoices):
        PARTY_SCHOOL = "party_school", _("党校教师")
        LEADER = "leader", _("领导干部")
        MODEL = "model", _("先进典型")
        TECHNICAL = "technical", _("技术能手")
        GUIDE = "guide", _("讲解员")

    material_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("姓名"), max_length=60)
    category = models.CharField(_("类别"), max_length=16, choices=Category.choices)
    unit = models.CharField(_("单位"), max_length=120, blank=True)
    introduction = models.TextField(_("简介"), blank=True)
    units_taught = ParentalManyToManyField("curriculum.OutlineUnit", blank=True, verbose_name=_("可授大纲单元"))
    languages = ChoiceListField(_("授课语言"), blank=True, options=LANGUAGES)
    dialect = models.CharField(_("方言"), max_length=60, blank=True, help_text=_("例如：安多牧区话"))
    highest_altitude_m = models.PositiveSmallIntegerField(
        _("可到最高海拔（米）"), null=True, blank=True, validators=[MaxValueValidator(9000)]
    )
    months_free = ChoiceListField(_("可授课月份"), blank=True, options=MONTHS, coerce=int)
    term_from = models.DateField(_("聘期开始"), null=True, blank=True)
    term_until = models.DateField(_("聘期结束"), null=True, blank=True)
    selection_batch = models.CharField(_("入选批次"), max_length=40, blank=True, help_text=_("例如：2026年第一批"))
    portrait = models.ForeignKey(
        "core.PlatformImage", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("照片")
    )

    panels = [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("name"), FieldPanel("category")]), FieldPanel("unit"), FieldPanel("portrait")],
            heading=_("基本信息"),
        ),
        FieldPanel("introduction"),
        MultiFieldPanel(
            [
                FieldPanel("units_taught", widget=forms.SelectMultiple(attrs={"size": 8})),
                FieldPanel("languages"),
                FieldPanel("dialect"),
                FieldPanel("highest_altitude_m"),
                FieldPanel("months_free"),
            ],
            heading=_("授课条件"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("term_from"), FieldPanel("term_until")]), FieldPanel("selection_batch")],
            heading=_("聘任"),
        ),
        InlinePanel("mentees", heading=_("帮带对象（不公开）"), label=_("帮带对象")),
        InlinePanel("lectures", heading=_("授课记录"), label=_("授课")),
    ]

    class Meta:
        verbose_name = _("教师")
        verbose_name_plural = _("教师")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The term must not end before it begins."""
        super().clean()
        if self.term_from and self.term_until and self.term_until < self.term_from:
            raise ValidationError({"term_until": _("聘期结束不能早于聘期开始。")})

    def get_absolute_url(self) -> str:
        return reverse("teachers:detail", args=[self.material_id])

    def get_preview_template(self, request: Any, mode_name: str) -> str:
        return "teachers/detail.html"

    def get_preview_context(self, request: Any, mode_name: str) -> dict[str, Any]:
        from cms.teachers import selectors

        return {**super().get_preview_context(request, mode_name), "teacher": selectors.public_view(self)}


class TeacherMentee(Orderable):
    """Someone a teacher guides (导师帮带); not public."""

    teacher = ParentalKey(TeacherProfile, on_delete=models.CASCADE, related_name="mentees")
    name = models.CharField(_("姓名"), max_length=60)
    unit = models.CharField(_("单位"), max_length=120, blank=True)
    since = models.DateField(_("开始日期"), null=True, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("帮带对象")


class TeacherLecture(Orderable):
    """One entry of a teacher's lecture log."""

    teacher = ParentalKey(TeacherProfile, on_delete=models.CASCADE, related_name="lectures")
    held_on = models.DateField(_("日期"))
    topic = models.CharField(_("题目"), max_length=200)
    place = models.CharField(_("地点"), max_length=120, blank=True)
    minutes = models.PositiveSmallIntegerField(_("时长（分钟）"), null=True, blank=True)
    listeners = models.PositiveIntegerField(_("听课人数"), null=True, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("授课记录")


class TeacherContact(models.Model):
    """How to reach a teacher: encrypted, shown only to staff with a right of its own, never public."""

    teacher = models.OneToOneField(TeacherProfile, models.CASCADE, related_name="contact", verbose_name=_("教师"))
    private_phone = EncryptedTextField(_("电话（不公开）"), blank=True)

    class Meta:
        verbose_name = _("教师联系方式")
        verbose_name_plural = _("教师联系方式")

    def __str__(self) -> str:
        return str(self.teacher)
