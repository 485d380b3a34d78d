"""What is certain about the time of a record besides its clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from cms.lessons.models import Case, Lesson
from education.members.models import PartyMember


def published_since(material_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each lesson or case was first published; one that never was has no entry. Two queries."""
    found: dict[UUID, datetime] = {}
    for model in (Lesson, Case):
        pages = model.objects.filter(translation_key__in=material_ids, first_published_at__isnull=False)
        found.update(pages.values_list("translation_key", "first_published_at"))
    return found


def earliest_of(member: PartyMember, material_id: UUID | None, published: dict[UUID, datetime]) -> datetime | None:
    """Nobody learned before the account existed, nor what was not published yet."""
    joined = member.user.date_joined if member.user else None
    since = published.get(material_id) if material_id else None
    return max((moment for moment in (joined, since) if moment is not None), default=None)
