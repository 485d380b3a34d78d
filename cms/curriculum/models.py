"""Versioned curriculum outlines and their units."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page


class LearningForm(models.TextChoices):
    """四种学习形式."""

    CENTRAL_TRAINING = "central", _("集中培训")
    COLLECTIVE_STUDY = "collective", _("集体学习")
    ORGANISATION_LIFE = "organisation_life", _("组织生活")
    PRACTICE = "practice", _("实践锻炼")


class CurriculumIndex(Page):
    """课程: all outlines."""

    max_count = 1
    subpage_types = ["curriculum.CurriculumOutline"]

    class Meta:
        verbose_name = _("课程目录")


class CurriculumOutline(Page):
    """教学大纲, in editions."""

    edition = models.CharField(_("版次"), max_length=20)
    effective_from = models.DateField(_("施行日期"), null=True, blank=True)
    summary = models.TextField(_("简介"), blank=True)
    fields_of_work = ParentalManyToManyField("core.SocialField", blank=True, verbose_name=_("领域"))
    member_groups = ParentalManyToManyField("core.MemberGroup", blank=True, verbose_name=_("群体"))

    parent_page_types = ["curriculum.CurriculumIndex"]
    subpage_types = ["curriculum.OutlineUnit"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("edition"),
        FieldPanel("effective_from"),
        FieldPanel("summary"),
        FieldPanel("fields_of_work"),
        FieldPanel("member_groups"),
    ]

    class Meta:
        verbose_name = _("教学大纲")
        verbose_name_plural = _("教学大纲")


class OutlineUnit(Page):
    """A unit of an outline: what is taught, in which learning form, first/main/compulsory."""

    class Role(models.TextChoices):
        FIRST = "first", _("首课")
        MAIN = "main", _("主课")
        COMPULSORY = "compulsory", _("必修课")

    role = models.CharField(_("课型"), max_length=12, choices=Role.choices, default=Role.MAIN)
    learning_form = models.CharField(
        _("学习形式"), max_length=20, choices=LearningForm.choices, default=LearningForm.COLLECTIVE_STUDY
    )
    summary = models.TextField(_("要点"), blank=True)

    parent_page_types = ["curriculum.CurriculumOutline"]
    subpage_types = ["lessons.Lesson", "lessons.Case"]
    content_panels = [*Page.content_panels, FieldPanel("role"), FieldPanel("learning_form"), FieldPanel("summary")]

    class Meta:
        verbose_name = _("大纲单元")
        verbose_name_plural = _("大纲单元")
