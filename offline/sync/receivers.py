"""An erased member's phones deliver nothing any more, and no decision about a bundle is ever changed."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from education.hours.guard import protect
from education.members.models import PartyMember
from offline.sync.models import Device


def on_member_erased(member: PartyMember, by: User | None = None, **_: Any) -> None:
    """Revoke every phone that is not revoked yet."""
    Device.objects.active().filter(member=member).update(revoked_at=member.erased_at, revoked_by=by)


def protect_decisions(using: str = "default", **_: Any) -> None:
    """Make the table append-only for the database too."""
    protect(["sync_bundledecision"], using=using)
