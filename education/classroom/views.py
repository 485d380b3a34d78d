"""The picture quiz on a page of its own: works without JavaScript, graded by the server."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from education.classroom.errors import QuizNotFound
from education.classroom.models import Quiz
from education.classroom.rules import answer_key_of, grade
from education.classroom.selectors import quiz_document
from education.members.selectors import member_of
from education.records.online import record_on_page


@require_http_methods(["GET", "POST"])
def quiz(request: HttpRequest, material_id: uuid.UUID) -> HttpResponse:
    """`/quiz/<material_id>/`: questions; a POST shows the result, and records it when a member is signed in."""
    found = Quiz.objects.filter(material_id=material_id).prefetch_related("questions").first()
    if found is None:
        raise QuizNotFound
    document = quiz_document(found)
    response = {
        question["id"]: chosen for question in document["questions"] if (chosen := request.POST.get(question["id"]))
    }
    context: dict[str, Any] = {"quiz": found, "document": document}
    if request.method == "POST":
        graded = grade(answer_key_of(document), response)
        context |= {"grade": graded, "is_recorded": _record(request, material_id, response)}
        context["questions"] = _questions(document, response)
        return render(request, "members/quiz_result.html", context)
    context["questions"] = _questions(document, {})
    return render(request, "members/quiz.html", context)


def _record(request: HttpRequest, material_id: uuid.UUID, response: dict[str, str]) -> bool:
    person = member_of(request.user)
    if person is None or not response:
        return False
    result = record_on_page(
        member=person, verb="answered", material_id=material_id, result={"response": response}, now=timezone.now()
    )
    return result.accepted == 1


def _questions(document: dict[str, Any], response: dict[str, str]) -> list[dict[str, Any]]:
    """What the page shows, in the language of the page with Chinese where there is no other text."""
    language = "bo" if translation.get_language() == "bo" else "zh-hans"

    def words(text: dict[str, str]) -> dict[str, str]:
        return (
            {"language": language, "words": text[language]}
            if language in text
            else {
                "language": "zh-Hans",
                "words": text["zh-hans"],
            }
        )

    return [
        {
            "id": question["id"],
            "text": words(question["text"]),
            "pictogram": question["pictogram"],
            "is_right": response.get(question["id"]) == question["correct"],
            "answers": [
                {
                    "key": answer["key"],
                    "text": words(answer["text"]),
                    "pictogram": answer["pictogram"],
                    "is_correct": answer["key"] == question["correct"],
                    "is_chosen": answer["key"] == response.get(question["id"]),
                }
                for answer in question["answers"]
            ],
        }
        for question in document["questions"]
    ]
