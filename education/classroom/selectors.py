"""Reads of quizzes and sessions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from education.classroom.models import ClassroomSession, Quiz, QuizQuestion
from education.hours.models import StudyHoursEntry
from education.members.models import PartyMember


def quiz_document(quiz: Quiz) -> dict[str, Any]:
    """The quiz as JSON, for packages and for the web: version 1 of docs/spec/offline-package.md's quiz document."""
    return {
        "v": 1,
        "quiz": str(quiz.material_id),
        "title": quiz.title,
        "questions": [_question_document(question) for question in quiz.questions.all()],
    }


def _question_document(question: QuizQuestion) -> dict[str, Any]:
    return {
        "id": str(question.question_id),
        "text": _text(question.text, question.text_bo),
        "pictogram": question.pictogram,
        "answers": [
            {
                "key": answer["key"],
                "text": _text(answer["text"], answer.get("text_bo", "")),
                "pictogram": answer.get("pictogram", ""),
            }
            for answer in question.answers
        ],
        "correct": question.correct_key,
    }


def _text(chinese: str, tibetan: str) -> dict[str, str]:
    """By language; a language without text is absent, so that the reader falls back to Chinese."""
    return {"zh-hans": chinese, "bo": tibetan} if tibetan else {"zh-hans": chinese}


def answer_keys(quiz_ids: Collection[UUID]) -> dict[str, dict[str, str]]:
    """{quiz: {question: correct key}} of the quizzes among the ids."""
    keys: dict[str, dict[str, str]] = {}
    rows = QuizQuestion.objects.filter(quiz__material_id__in=quiz_ids)
    for quiz_id, question_id, correct in rows.values_list("quiz__material_id", "question_id", "correct_key"):
        keys.setdefault(str(quiz_id), {})[str(question_id)] = correct
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
