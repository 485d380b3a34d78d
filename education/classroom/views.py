"""The picture quiz on a page of its own: works without JavaScript, graded by the server."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from education.classroom.documents import page_questions
from education.classroom.errors import QuizNotFound
from education.classroom.rules import answer_key_of, grade
from education.classroom.selectors import published_quiz
from education.members.selectors import member_of
from education.records.online import record_on_page


@require_http_methods(["GET", "POST"])
def quiz(request: HttpRequest, material_id: uuid.UUID) -> HttpResponse:
    """`/quiz/<material_id>/`: questions; a POST shows the result, and records it when a member is signed in."""
    document = published_quiz(material_id)
    if document is None:
        raise QuizNotFound
    response = {
        question["id"]: chosen for question in document["questions"] if (chosen := request.POST.get(question["id"]))
    }
    language = translation.get_language()
    context: dict[str, Any] = {"quiz": document}
    if request.method == "POST":
        graded = grade(answer_key_of(document), response)
        context |= {"grade": graded, "is_recorded": _record(request, material_id, response)}
        context["questions"] = page_questions(document, response, language=language)
        return render(request, "members/quiz_result.html", context)
    context["questions"] = page_questions(document, {}, language=language)
    return render(request, "members/quiz.html", context)


def _record(request: HttpRequest, material_id: uuid.UUID, response: dict[str, str]) -> bool:
    person = member_of(request.user)
    if person is None or not response:
        return False
    result = record_on_page(
        member=person, verb="answered", material_id=material_id, result={"response": response}, now=timezone.now()
    )
    return result.accepted == 1
