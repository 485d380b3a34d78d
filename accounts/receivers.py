"""Every role given or taken is logged, by whatever way it happened."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save, pre_delete

from accounts import staff
from accounts.models import RoleAssignment


def _given(instance: RoleAssignment, created: bool, **_: Any) -> None:
    if created:
        staff.record_role(instance, given=True)


def _taken(instance: RoleAssignment, **_: Any) -> None:
    staff.record_role(instance, given=False)


def connect() -> None:
    """Called once when the applications are ready."""
    post_save.connect(_given, sender=RoleAssignment, dispatch_uid="accounts.role_given_logged")
    # Before the row goes: in a cascade the account and the organisation go after it.
    pre_delete.connect(_taken, sender=RoleAssignment, dispatch_uid="accounts.role_taken_logged")
