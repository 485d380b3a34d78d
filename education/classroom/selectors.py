"""Reads of quizzes and sessions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F

from education.classroom import rules
from education.classroom.models import ClassroomSession, Quiz, QuizEdition
from education.hours.models import StudyHoursEntry
from education.members.models import PartyMember


def published_quizzes(quiz_ids: Collection[UUID] | None = None) -> list[dict[str, Any]]:
    """Documents of the quizzes (all, or those among the ids) that are published, each as its live revision has it."""
    rows = QuizEdition.objects.filter(quiz__live=True, revision_id=F("quiz__live_revision_id"))
    if quiz_ids is not None:
        rows = rows.filter(quiz__material_id__in=quiz_ids)
    return list(rows.order_by("quiz_id").values_list("document", flat=True))


def published_quiz(quiz_id: UUID) -> dict[str, Any] | None:
    """The document of one published quiz."""
    return next(iter(published_quizzes([quiz_id])), None)


def quizzes_of_lessons(lesson_ids: Collection[UUID]) -> list[UUID]:
    """The published quizzes that belong to lessons, by their age."""
    rows = Quiz.objects.filter(live=True, lesson_material_id__in=lesson_ids)
    return list(rows.order_by("pk").values_list("material_id", flat=True))


def answer_keys(quiz_ids: Collection[UUID]) -> dict[str, list[dict[str, str]]]:
    """{quiz: [{question: correct key}, …]} of the quizzes among the ids: every edition ever published, newest first."""
    keys: dict[str, list[dict[str, str]]] = {}
    for document in QuizEdition.objects.filter(quiz__material_id__in=quiz_ids).values_list("document", flat=True):
        keys.setdefault(document["quiz"], []).append(rules.answer_key_of(document))
    return keys


def session_cause(session_id: UUID, member: PartyMember) -> str:
    """The ledger's cause of one person's credit for one session."""
    return f"session:{session_id}:{member.member_id}"


def roster(session: ClassroomSession) -> list[PartyMember]:
    """Who is credited for a session now, by name: what the ledger says, reversals taken into account."""
    members = list(session.members.order_by("name", "pk"))
    causes = {session_cause(session.session_id, member): member for member in members}
    standing = set(
        StudyHoursEntry.objects.filter(cause__in=list(causes), reverses=None, reversal=None).values_list(
            "cause", flat=True
        )
    )
    return [member for cause, member in causes.items() if cause in standing]
