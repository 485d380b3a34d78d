"""What is certain about the time of a record besides its clock."""

from __future__ import annotations

from datetime import datetime

from education.members.models import PartyMember
from education.records.materials import KnownMaterial


def earliest_of(member: PartyMember, material: KnownMaterial | None) -> datetime | None:
    """Nobody learned before the account existed, nor what was not published yet."""
    joined = member.user.date_joined if member.user else None
    since = material.published_at if material else None
    return max((moment for moment in (joined, since) if moment is not None), default=None)
