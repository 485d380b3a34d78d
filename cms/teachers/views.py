"""The public pages of the teacher pool."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.parameters import whole_number
from cms.teachers import selectors
from cms.teachers.models import LANGUAGES, TeacherProfile


def teacher_list(request: HttpRequest) -> HttpResponse:
    """Template `teachers/list.html`; context: `teachers` (TeacherView), `categories`, `languages`, `chosen`."""
    chosen = {
        "category": request.GET.get("category", ""),
        "language": request.GET.get("language", ""),
        "month": request.GET.get("month", ""),
    }
    month = whole_number(chosen["month"], at_most=12)
    teachers = selectors.pool(category=chosen["category"], language=chosen["language"], month=month)
    context = {
        "teachers": teachers,
        "categories": TeacherProfile.Category.choices,
        "languages": LANGUAGES,
        "chosen": chosen,
    }
    return render(request, "teachers/list.html", context)


def teacher_detail(request: HttpRequest, material_id: uuid.UUID) -> HttpResponse:
    """Template `teachers/detail.html`; context: `teacher` (TeacherView)."""
    teacher = selectors.by_material_id(material_id)
    if teacher is None:
        raise Http404
    return render(request, "teachers/detail.html", {"teacher": selectors.public_view(teacher)})
