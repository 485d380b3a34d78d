"""Quizzes; exam papers and synchronised classrooms will join them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable


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
    """One question with two to four answers: [{"key": "a", "text": "…", "pictogram": "…"}]."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="questions")
    question_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.CharField(_("题目"), max_length=300)
    text_bo = models.CharField(_("题目（藏文）"), max_length=600, blank=True)
    pictogram = models.CharField(_("图示"), max_length=40, blank=True)
    answers = models.JSONField(_("选项"), default=list)
    correct_key = models.CharField(_("正确选项"), max_length=4)
