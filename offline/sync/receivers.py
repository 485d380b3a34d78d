"""An erased member's phones deliver nothing any more."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from education.members.models import PartyMember
from offline.sync.models import Device


def on_member_erased(member: PartyMember, by: User | None = None, **_: Any) -> None:
    """Revoke every phone that is not revoked yet."""
    Device.objects.active().filter(member=member).update(revoked_at=member.erased_at, revoked_by=by)
