"""What the platform knows of the materials that records name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cms.lessons.models import Case, Lesson
from education.classroom.models import Quiz


@dataclass(frozen=True, slots=True)
class KnownMaterial:
    """A lesson, case or quiz."""

    kind: str
    """lesson, case or quiz."""
    title: str
    nominal_minutes: int | None
    """What completing it alone is worth; None for a quiz."""
    published_at: datetime | None = None
    """When a lesson or case was first published; None for a quiz."""


def known_materials(material_ids: Collection[UUID]) -> dict[UUID, KnownMaterial]:
    """The materials among `material_ids` that were ever published, taken down since or not.

    What was never published nobody can have learned: a record of it waits as one of an unknown material.
    """
    if not material_ids:
        return {}
    known: dict[UUID, KnownMaterial] = {}
    for kind, model in (("lesson", Lesson), ("case", Case)):
        pages = model.objects.filter(translation_key__in=material_ids, first_published_at__isnull=False)
        for key, title, minutes, published_at in pages.values_list(
            "translation_key", "title", "nominal_minutes", "first_published_at"
        ):
            known[key] = KnownMaterial(kind, title, minutes, published_at)
    quizzes = Quiz.objects.filter(material_id__in=material_ids, first_published_at__isnull=False)
    for key, title in quizzes.values_list("material_id", "title"):
        known[key] = KnownMaterial("quiz", title, None)
    return known


MOST_OFFERED = 200
"""Lessons that a list on a phone can bear; what is older is written in words."""


def latest_lessons() -> dict[str, str]:
    """Id → title of the lessons and cases that are published, the newest first."""
    found: list[tuple[datetime, UUID, str]] = []
    for model in (Lesson, Case):
        rows = model.objects.live().filter(last_published_at__isnull=False).order_by("-last_published_at")
        found += rows.values_list("last_published_at", "translation_key", "title")[:MOST_OFFERED]
    newest = sorted(found, key=lambda row: row[0], reverse=True)[:MOST_OFFERED]
    return {str(key): title for _at, key, title in newest}
