"""A quiz as JSON and as a page shows it: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from education.classroom.models import Quiz, QuizQuestion


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


def page_questions(
    document: Mapping[str, Any], response: Mapping[str, str], *, language: str | None
) -> list[dict[str, Any]]:
    """What the quiz page shows, in the page's language with Chinese where there is no other text."""
    return [
        {
            "id": question["id"],
            "text": _words(question["text"], language),
            "pictogram": question["pictogram"],
            "is_right": response.get(question["id"]) == question["correct"],
            "answers": [
                {
                    "key": answer["key"],
                    "text": _words(answer["text"], language),
                    "pictogram": answer["pictogram"],
                    "is_correct": answer["key"] == question["correct"],
                    "is_chosen": answer["key"] == response.get(question["id"]),
                }
                for answer in question["answers"]
            ],
        }
        for question in document["questions"]
    ]


def _words(text: Mapping[str, str], language: str | None) -> dict[str, str]:
    if language == "bo" and "bo" in text:
        return {"language": "bo", "words": text["bo"]}
    return {"language": "zh-Hans", "words": text["zh-hans"]}
