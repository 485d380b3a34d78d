"""Quizzes and the sessions a branch studied together; exam papers will join them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from accounts.models import Organisation
from education.classroom import rules
from education.members.models import PartyMember


class Quiz(ClusterableModel):
    """A picture quiz: every question and answer has a pictogram and can be read without Chinese."""

    material_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("标题"), max_length=120)
    lesson_material_id = models.UUIDField(_("所属课程"), null=True, blank=True)

    class Meta:
        verbose_name = _("测验")
        verbose_name_plural = _("测验")

    def __str__(self) -> str:
        return self.title


class QuizQuestion(Orderable):
    """One question; `answers` = two to four of {"key": "a", "text": "…", "text_bo": "…", "pictogram": "…"}."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="questions")
    question_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.CharField(_("题目"), max_length=300)
    text_bo = models.CharField(_("题目（藏文）"), max_length=600, blank=True)
    pictogram = models.CharField(_("图示"), max_length=40, blank=True)
    answers = models.JSONField(_("选项"), default=list)
    correct_key = models.CharField(_("正确选项"), max_length=4)

    class Meta(Orderable.Meta):
        verbose_name = _("题目")
        verbose_name_plural = _("题目")

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        super().clean()
        problems = rules.answer_problems(self.answers, self.correct_key)
        if problems:
            raise ValidationError([rules.PROBLEM_WORDS[problem] for problem in problems])


class ClassroomSession(models.Model):
    """A session that a branch studied together, with its roster: everyone on it is credited once.

    The roster is what the ledger says (`education.classroom.selectors.roster`): a correction reverses
    entries and adds entries; this row itself stays as it was recorded.
    """

    session_id = models.UUIDField(unique=True, editable=False)
    branch = models.ForeignKey(Organisation, models.PROTECT, related_name="classroom_sessions")
    title = models.CharField(_("学习内容"), max_length=120)
    held_on = models.DateField(_("日期"))
    minutes = models.PositiveSmallIntegerField(_("时长（分钟）"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    members: models.ManyToManyField[PartyMember, Any] = models.ManyToManyField(
        PartyMember, related_name="classroom_sessions", help_text="Everyone who was ever on its roster."
    )

    class Meta:
        verbose_name = _("集体学习")
        verbose_name_plural = _("集体学习")

    def __str__(self) -> str:
        return f"{self.held_on} {self.title}"
