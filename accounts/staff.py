"""Writes about staff accounts, each with its entry in the log: opened, recovered, locked, given a role, and so on."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import get_active_log_context

from accounts.authority import check_may_grant, check_may_manage
from accounts.models import AccountEvent, ActivationCode, Organisation, RoleAssignment, User
from accounts.services import IssuedCode, assign_role, issue_code

Kind = AccountEvent.Kind


def open_staff_account(
    *, by: User, username: str, name: str, role: str, organisation: Organisation, request_id: uuid.UUID | None = None
) -> IssuedCode:
    """Open an account with its first role and a one-time code; its owner sets the password.

    Raises `RoleOutOfReach`.
    """
    check_may_grant(by, role, organisation)
    with transaction.atomic():
        account = User(username=username, display_name=name)
        account.set_unusable_password()
        account.save()
        record(Kind.OPENED, account, by=by)
        assign_role(user=account, role=role, organisation=organisation)
        return issue_code(user=account, created_by=by, request_id=request_id, for_staff=True)


def recover_account(*, by: User, account: User, request_id: uuid.UUID | None = None) -> IssuedCode:
    """End an account's sessions and its password, and issue a one-time code for a new one.

    Raises `AccountOutOfReach`, or `CardAlreadyMade` when this request was answered before.
    """
    with transaction.atomic():
        fresh = User.objects.select_for_update().get(pk=account.pk)
        check_may_manage(by, fresh)
        fresh.set_unusable_password()
        fresh.save(update_fields=["password"])
        record(Kind.RECOVERED, fresh, by=by)
        return issue_code(user=fresh, created_by=by, request_id=request_id, for_staff=True)


def set_locked(*, by: User, account: User, is_locked: bool) -> None:
    """Shut an account, with its sessions and codes, or open it again; raises `AccountOutOfReach`."""
    with transaction.atomic():
        fresh = User.objects.select_for_update().get(pk=account.pk)
        check_may_manage(by, fresh)
        fresh.is_active = not is_locked
        fresh.save(update_fields=["is_active"])
        if is_locked:
            codes = ActivationCode.objects.filter(user=fresh, used_at=None, withdrawn_at=None)
            codes.update(withdrawn_at=timezone.now())
        record(Kind.LOCKED if is_locked else Kind.UNLOCKED, fresh, by=by)


def record(kind: str, account: User | None, *, by: User | None, assignment: RoleAssignment | None = None) -> None:
    """Append to the log."""
    AccountEvent.objects.create(
        kind=kind,
        account_id=account.pk if account else None,
        account=account.username if account else "",
        role=assignment.role if assignment else "",
        organisation=assignment.organisation.code if assignment else "",
        by=by.username if by else "",
    )


def record_role(instance: RoleAssignment, *, given: bool) -> None:
    """Append that a role was given or taken, whoever did it by whatever way (a cascade included)."""
    person = get_active_log_context().user
    record(
        Kind.ROLE_GIVEN if given else Kind.ROLE_TAKEN,
        instance.user,
        by=person if isinstance(person, User) else None,
        assignment=instance,
    )
