"""Quizzes and the sessions a branch studied together; exam papers will join them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)

from accounts.errors import PersonError
from accounts.models import Organisation
from cms.review.guard import Reviewed
from education.classroom import rules
from education.classroom.documents import page_questions, quiz_document
from education.classroom.errors import PROBLEM_WORDS, QuizEmpty, QuizQuestionUnclear
from education.members.models import PartyMember


class Quiz(
    Reviewed,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    ClusterableModel,
):
    """A picture quiz: every question and answer has a pictogram and can be read without Chinese.

    Pages and packages show the `QuizEdition` of the live revision and nothing else: rows that changed without the
    review are never seen.
    """

    material_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("标题"), max_length=120)
    lesson_material_id = models.UUIDField(_("所属课程"), null=True, blank=True)
    live = models.BooleanField(_("已发布"), default=False, editable=False)

    class Meta:
        verbose_name = _("测验")
        verbose_name_plural = _("测验")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("classroom:quiz", args=[self.material_id])

    def publication_blockers(self) -> list[PersonError]:
        """A quiz without questions, and every question without exactly one right answer."""
        questions = list(self.questions.all())
        if not questions:
            return [QuizEmpty()]
        return [
            QuizQuestionUnclear(number=number)
            for number, question in enumerate(questions, start=1)
            if rules.answer_problems(question.answers, question.correct_key)
        ]

    def after_publication(self) -> None:
        """Keep what was published for good: answers to it are judged by it, whatever is edited later."""
        QuizEdition.objects.get_or_create(
            quiz=self, revision_id=self.live_revision_id, defaults={"document": quiz_document(self)}
        )

    def get_preview_template(self, request: Any, mode_name: str) -> str:
        return "members/quiz.html"

    def get_preview_context(self, request: Any, mode_name: str) -> dict[str, Any]:
        document = quiz_document(self)
        questions = page_questions(document, {}, language=translation.get_language())
        return {**super().get_preview_context(request, mode_name), "quiz": document, "questions": questions}


class QuizEdition(models.Model):
    """A quiz as one revision of it was published; never changed, so that every answer finds the key it was given to."""

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="editions")
    revision_id = models.BigIntegerField(help_text="The revision that three people passed.")
    document = models.JSONField(help_text="The quiz document (docs/spec/offline-package.md §2.5).")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("测验版本")
        verbose_name_plural = _("测验版本")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["quiz", "revision_id"], name="one_edition_a_revision")]

    def __str__(self) -> str:
        return str(self.document.get("title", ""))


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
            raise ValidationError([PROBLEM_WORDS[problem] for problem in problems])


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
