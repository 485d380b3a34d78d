"""Reads of the teacher pool; what is public is a list of fields, never a model."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from cms.teachers.models import LANGUAGES, TeacherProfile


@dataclass(frozen=True)
class TeacherView:
    """The public face of a teacher. No telephone number, no mentees, no names of listeners."""

    material_id: uuid.UUID
    name: str
    category: str
    category_label: str
    unit: str
    introduction: str
    languages: tuple[str, ...]
    dialect: str
    highest_altitude_m: int | None
    months_free: tuple[int, ...]
    term_until: Any
    selection_batch: str
    url: str
    units_taught: tuple[str, ...] = ()
    lectures: tuple[Any, ...] = ()


def public_view(teacher: TeacherProfile, *, with_details: bool = True) -> TeacherView:
    """What anybody may know of a teacher; details cost two queries."""
    labels = dict(LANGUAGES)
    lectures: tuple[Any, ...] = ()
    units: tuple[str, ...] = ()
    if with_details:
        lectures = tuple(sorted(teacher.lectures.all(), key=lambda lecture: lecture.held_on, reverse=True)[:20])
        units = tuple(unit.title for unit in teacher.units_taught.all() if unit.live)
    return TeacherView(
        material_id=teacher.material_id,
        name=teacher.name,
        category=teacher.category,
        category_label=str(teacher.get_category_display()),
        unit=teacher.unit,
        introduction=teacher.introduction,
        languages=tuple(str(labels.get(code, code)) for code in teacher.languages),
        dialect=teacher.dialect,
        highest_altitude_m=teacher.highest_altitude_m,
        months_free=tuple(sorted(teacher.months_free)),
        term_until=teacher.term_until,
        selection_batch=teacher.selection_batch,
        url=teacher.get_absolute_url(),
        units_taught=units,
        lectures=lectures,
    )


def pool(*, category: str = "", language: str = "", month: int | None = None) -> list[TeacherView]:
    """The published teachers, by name; filters narrow what is shown. One query."""
    rows = TeacherProfile.objects.filter(live=True)
    if category:
        rows = rows.filter(category=category)
    return [
        public_view(row, with_details=False)
        for row in rows
        if (not language or language in row.languages) and (month is None or month in row.months_free)
    ]


def by_material_id(material_id: uuid.UUID) -> TeacherProfile | None:
    """A published teacher."""
    return TeacherProfile.objects.filter(material_id=material_id, live=True).first()
