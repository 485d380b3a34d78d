"""Lessons as the records know them: an id, a title, a nominal length and a day of publication, without media."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime

from wagtail.models import Page

from cms.lessons.models import Lesson

_numbers = itertools.count(1)


PUBLISHED = datetime(2020, 1, 1, tzinfo=UTC)


def lesson(
    *,
    title: str = "",
    nominal_minutes: int = 12,
    translation_key: uuid.UUID | None = None,
    published: datetime | None = PUBLISHED,
) -> Lesson:
    """A lesson that was public and is not now: enough to be known, not enough to be shown."""
    number = next(_numbers)
    made = Lesson(
        title=title or f"第 {number} 课",
        slug=f"material-{number}",
        nominal_minutes=nominal_minutes,
        live=False,
        first_published_at=published,
    )
    if translation_key:
        made.translation_key = translation_key
    root = Page.objects.get(depth=1)
    root.add_child(instance=made)
    return made
