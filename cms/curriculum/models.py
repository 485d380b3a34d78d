"""Versioned curriculum outlines and their units."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Page

from cms.core.page_forms import MaterialPageForm
from cms.core.pages import KnownAncestors
from cms.review.guard import ReviewedPage


class LearningForm(models.TextChoices):
    """四种学习形式."""

    CENTRAL_TRAINING = "central", _("集中培训")
    COLLECTIVE_STUDY = "collective", _("集体学习")
    ORGANISATION_LIFE = "organisation_life", _("组织生活")
    PRACTICE = "practice", _("实践锻炼")


class CurriculumIndex(KnownAncestors, Page):
    """课程: all outlines.

    Template `curriculum/curriculum_index.html`; context: `outlines` (list of OutlineView: outline, url, title,
    edition, summary, units, lessons, minutes).
    """

    template = "curriculum/curriculum_index.html"
    max_count = 1
    subpage_types = ["curriculum.CurriculumOutline"]

    class Meta:
        verbose_name = _("课程目录")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.curriculum import selectors

        return {**super().get_context(request, *args, **kwargs), "outlines": selectors.outlines(request)}


class CurriculumOutline(ReviewedPage, Page):
    """教学大纲, in editions: a new edition names the one it replaces and the day it takes effect.

    Template `curriculum/curriculum_outline.html`; context: `outline` (this page), `units` (list of UnitView:
    unit, url, title, role_label, form_label, summary, lessons: list of LessonCard(url, title, minutes, kind,
    genre_label, material_id, has_video, languages)).
    """

    template = "curriculum/curriculum_outline.html"
    edition = models.CharField(_("版次"), max_length=20, help_text=_("例如：2026年版"))
    effective_from = models.DateField(_("施行日期"), null=True, blank=True)
    replaces = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("替代的旧版大纲"),
        help_text=_("旧版大纲保留可查，但不再出现在课程目录里。"),
    )
    summary = models.TextField(_("简介"), blank=True)
    fields_of_work = ParentalManyToManyField("core.SocialField", blank=True, verbose_name=_("领域"))
    member_groups = ParentalManyToManyField("core.MemberGroup", blank=True, verbose_name=_("群体"))

    base_form_class = MaterialPageForm
    parent_page_types = ["curriculum.CurriculumIndex"]
    subpage_types = ["curriculum.OutlineUnit"]
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("edition"), FieldPanel("effective_from")]), FieldPanel("replaces")],
            heading=_("版本"),
        ),
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("fields_of_work"), FieldPanel("member_groups")], heading=_("适用范围")),
    ]

    class Meta:
        verbose_name = _("教学大纲")
        verbose_name_plural = _("教学大纲")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.curriculum import selectors

        context = super().get_context(request, *args, **kwargs)
        return {**context, "outline": self, "units": selectors.units(self, request)}


class OutlineUnit(ReviewedPage, Page):
    """A unit of an outline: what is taught, in which learning form, first/main/compulsory.

    Template `curriculum/outline_unit.html`; context: `unit` (this page), `outline` (its parent), `lessons`
    (list of LessonCard).
    """

    class Role(models.TextChoices):
        FIRST = "first", _("首课")
        MAIN = "main", _("主课")
        COMPULSORY = "compulsory", _("必修课")

    template = "curriculum/outline_unit.html"
    role = models.CharField(_("课型"), max_length=12, choices=Role.choices, default=Role.MAIN)
    learning_form = models.CharField(
        _("学习形式"), max_length=20, choices=LearningForm.choices, default=LearningForm.COLLECTIVE_STUDY
    )
    content_class = models.ForeignKey(
        "core.ContentClass", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("内容分类")
    )
    summary = models.TextField(_("要点"), blank=True)

    base_form_class = MaterialPageForm
    parent_page_types = ["curriculum.CurriculumOutline"]
    subpage_types = ["lessons.Lesson", "lessons.Case"]
    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("role"), FieldPanel("learning_form")]),
        FieldPanel("content_class"),
        FieldPanel("summary"),
    ]

    class Meta:
        verbose_name = _("大纲单元")
        verbose_name_plural = _("大纲单元")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.curriculum import selectors

        context = super().get_context(request, *args, **kwargs)
        return {
            **context,
            "unit": self,
            "outline": (self.ancestors() or [None])[-1],
            "lessons": selectors.lessons_of_units([self], request).get(self.pk, []),
        }
