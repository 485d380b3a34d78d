"""Lessons as the records know them: an id, a title and a nominal length, without media."""

from __future__ import annotations

import itertools
import uuid

from wagtail.models import Page

from cms.lessons.models import Lesson

_numbers = itertools.count(1)


def lesson(*, title: str = "", nominal_minutes: int = 12, translation_key: uuid.UUID | None = None) -> Lesson:
    """A lesson that is a draft below the root: enough to be known, not enough to be shown."""
    number = next(_numbers)
    made = Lesson(
        title=title or f"第 {number} 课", slug=f"material-{number}", nominal_minutes=nominal_minutes, live=False
    )
    if translation_key:
        made.translation_key = translation_key
    root = Page.objects.get(depth=1)
    root.add_child(instance=made)
    return made
