"""Reads of outlines and units, in a fixed number of queries however many there are."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.curriculum.tree import by_parent, parent_path


@dataclass(frozen=True)
class LessonCard:
    """A lesson or case as a row of a list. `languages` are those it can be heard in."""

    page_id: int
    material_id: uuid.UUID
    kind: str
    title: str
    url: str
    minutes: int
    genre_label: str
    summary: str
    has_video: bool
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitView:
    """A unit with its live lessons."""

    unit: OutlineUnit
    title: str
    url: str
    role: str
    role_label: str
    form_label: str
    summary: str
    lessons: list[LessonCard] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons)


@dataclass(frozen=True)
class OutlineView:
    """An outline as a row of a list: how much it holds."""

    outline: CurriculumOutline
    title: str
    url: str
    edition: str
    summary: str
    units: int
    lessons: int
    minutes: int


def _materials() -> list[type[Any]]:
    return [apps.get_model("lessons", "Lesson"), apps.get_model("lessons", "Case")]


def _live_materials(prefixes: Sequence[str]) -> list[Any]:
    """Live lessons and cases below the common part of the tree paths; one query a kind."""
    found: list[Any] = []
    for model in _materials():
        found += list(model.objects.filter(live=True, path__startswith=os.path.commonprefix(prefixes)))  # noqa: RUF071
    return found


def card(page: Any, request: Any = None) -> LessonCard:
    """A lesson or case as a list row."""
    is_case = page._meta.model_name == "case"
    pinned = page.media_pins or {}
    languages = (("zh-hans",) if pinned.get("video") else ()) + tuple(pinned.get("audio", {}))
    return LessonCard(
        page_id=page.pk,
        material_id=page.translation_key,
        kind="case" if is_case else "lesson",
        title=page.title,
        url=page.get_url(request) or "",
        minutes=page.nominal_minutes or 0,
        genre_label=str(_("案例")) if is_case else str(page.get_genre_display()),
        summary=page.summary,
        has_video=bool(pinned.get("video")),
        languages=tuple(dict.fromkeys(languages)),
    )


def lessons_of_units(units: Sequence[OutlineUnit], request: Any = None) -> dict[int, list[LessonCard]]:
    """Live lessons of each unit, by the unit's primary key."""
    if not units:
        return {}
    lessons = by_parent(_live_materials([unit.path for unit in units]))
    return {unit.pk: [card(page, request) for page in lessons.get(unit.path, [])] for unit in units}


def units(outline: CurriculumOutline, request: Any = None) -> list[UnitView]:
    """The live units of an outline with their live lessons."""
    rows = list(OutlineUnit.objects.child_of(outline).live().order_by("path"))
    lessons = lessons_of_units(rows, request)
    return [
        UnitView(
            unit=unit,
            title=unit.title,
            url=unit.get_url(request) or "",
            role=unit.role,
            role_label=str(unit.get_role_display()),
            form_label=str(unit.get_learning_form_display()),
            summary=unit.summary,
            lessons=lessons.get(unit.pk, []),
        )
        for unit in rows
    ]


def _contents() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Live units, live lessons and their minutes, counted by the tree path of the outline; one query."""
    units: Counter[str] = Counter()
    lessons: Counter[str] = Counter()
    minutes: Counter[str] = Counter()
    rows = Page.objects.filter(live=True).filter(
        Q(outlineunit__isnull=False) | Q(lesson__isnull=False) | Q(case__isnull=False)
    )
    for path, unit, lesson, case in rows.values_list(
        "path", "outlineunit", "lesson__nominal_minutes", "case__nominal_minutes"
    ):
        if unit is not None:
            units[parent_path(path)] += 1
        else:
            lessons[parent_path(path, levels=2)] += 1
            minutes[parent_path(path, levels=2)] += lesson or case or 0
    return units, lessons, minutes


def outlines(request: Any = None) -> list[OutlineView]:
    """The live outlines that no live edition replaces, with what they hold."""
    rows = list(CurriculumOutline.objects.live().order_by("path"))
    replaced = {row.replaces_id for row in rows if row.replaces_id}
    unit_count, lesson_count, minutes = _contents()
    return [
        OutlineView(
            outline=row,
            title=row.title,
            url=row.get_url(request) or "",
            edition=row.edition,
            summary=row.summary,
            units=unit_count[row.path],
            lessons=lesson_count[row.path],
            minutes=minutes[row.path],
        )
        for row in rows
        if row.pk not in replaced
    ]


def newest_lessons(limit: int = 8, request: Any = None) -> list[LessonCard]:
    """The lessons published last."""
    model = apps.get_model("lessons", "Lesson")
    rows = model.objects.filter(live=True).order_by("-first_published_at", "-pk")[:limit]
    return [card(row, request) for row in rows]


def home_context() -> dict[str, Any]:
    """What the home page shows of the curriculum."""
    return {"outlines": outlines(), "lessons": newest_lessons()}
