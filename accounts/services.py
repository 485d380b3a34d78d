"""Writes of accounts: the organisation tree, roles, one-time codes."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import codes
from accounts.errors import (
    CardAlreadyMade,
    CodeExpired,
    CodeForStaff,
    CodeUnknown,
    CodeUnreadable,
    CodeUsed,
    CodeWithdrawn,
    LevelOrder,
    OwnDescendant,
)
from accounts.models import ActivationCode, Organisation, RoleAssignment, User
from accounts.rules import may_contain

CODE_DAYS = 30
"""How long a printed code is good."""

_DIGEST_SALT = "accounts.activation-code"


def create_organisation(*, name: str, code: str, level: str, parent: Organisation | None = None) -> Organisation:
    """Add an organisation below `parent` (None: a province); raises `LevelOrder`."""
    return attach_organisation(Organisation(name=name, code=code, level=level), parent=parent)


def attach_organisation(organisation: Organisation, *, parent: Organisation | None) -> Organisation:
    """Store a new organisation below `parent` (None: a province); raises `LevelOrder`."""
    check_levels(parent, organisation.level)
    with transaction.atomic():
        if parent is None:
            return Organisation.add_root(instance=organisation)
        fresh = Organisation.objects.select_for_update().get(pk=parent.pk)
        return fresh.add_child(instance=organisation)


def move_organisation(organisation: Organisation, *, parent: Organisation) -> Organisation:
    """Attach an organisation, with everything below it, to another parent. Returns it fresh from the database.

    Raises `LevelOrder` or `OwnDescendant`.
    """
    with transaction.atomic():
        node = Organisation.objects.select_for_update().get(pk=organisation.pk)
        target = Organisation.objects.select_for_update().get(pk=parent.pk)
        if target.path.startswith(node.path):
            raise OwnDescendant
        check_levels(target, node.level)
        node.move(target, pos="last-child")
    return Organisation.objects.get(pk=organisation.pk)


def check_levels(parent: Organisation | None, level: str) -> None:
    """Raise `LevelOrder` unless an organisation of `level` may lie directly below `parent`."""
    if not may_contain(parent.level if parent else None, level):
        raise LevelOrder(
            parent=parent.get_level_display() if parent else "最上层", child=Organisation.Level(level).label
        )


def assign_role(*, user: User, role: str, organisation: Organisation) -> RoleAssignment:
    """Give a person a role at an organisation; giving it again changes nothing."""
    assignment, _ = RoleAssignment.objects.get_or_create(user=user, role=role, organisation=organisation)
    return assignment


def open_account(*, name: str) -> User:
    """Open an account that signs in by printed code only: no password, e-mail or phone number."""
    user = User(username=f"m-{secrets.token_hex(8)}", display_name=name)
    user.set_unusable_password()
    user.save()
    return user


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code at the only moment when it is known."""

    user: User
    code: str
    """Canonical, 16 characters."""
    expires_at: datetime

    @property
    def printed(self) -> str:
        return codes.printed(self.code)


def code_digest(code: str, *, secret: str | bytes | None = None) -> str:
    """The keyed digest under which a canonical code is stored."""
    return salted_hmac(_DIGEST_SALT, code, secret=secret, algorithm="sha256").hexdigest()


def is_staff_account(user: User) -> bool:
    """Whether an account holds any right beyond its own affairs; such a one signs in with a password."""
    if user.is_superuser or user.is_staff:
        return True
    return user.role_assignments.exists() or user.groups.exists() or user.user_permissions.exists()


def issue_code(
    *, user: User, created_by: User, request_id: uuid.UUID | None = None, for_staff: bool = False
) -> IssuedCode:
    """Make a one-time code for an account and withdraw its earlier ones.

    `request_id` names the print request: the same request a second time (a page reload, a double tap) raises
    `CardAlreadyMade` and leaves the printed card valid. Raises `CodeForStaff` for an account with a password,
    and for any that holds a role unless the caller has checked that it may be handed over (`for_staff`).
    """
    if user.has_usable_password() or (not for_staff and is_staff_account(user)):
        raise CodeForStaff
    now = timezone.now()
    code = codes.generate(secrets.randbelow)
    expires_at = now + timedelta(days=CODE_DAYS)
    try:
        with transaction.atomic():
            earlier = ActivationCode.objects.filter(user=user, used_at=None, withdrawn_at=None)
            if request_id and ActivationCode.objects.filter(request_id=request_id).exists():
                raise CardAlreadyMade
            earlier.update(withdrawn_at=now)
            ActivationCode.objects.create(
                user=user,
                digest=code_digest(code),
                request_id=request_id,
                created_by=created_by,
                expires_at=expires_at,
            )
    except IntegrityError as error:
        raise CardAlreadyMade from error
    return IssuedCode(user, code, expires_at)


def find_code(typed: str) -> ActivationCode:
    """The stored code that was typed, if it can be used now; it stays unused.

    Raises `CodeUnreadable`, `CodeUnknown`, `CodeUsed`, `CodeWithdrawn` or `CodeExpired`.
    """
    try:
        code = codes.parse(typed)
    except codes.UnreadableCode as error:
        raise CodeUnreadable from error
    digests = [code_digest(code), *(code_digest(code, secret=old) for old in settings.SECRET_KEY_FALLBACKS)]
    stored = ActivationCode.objects.select_related("user").filter(digest__in=digests).first()
    if stored is None or not stored.user.is_active:
        raise CodeUnknown
    if stored.used_at:
        raise CodeUsed
    if stored.withdrawn_at:
        raise CodeWithdrawn
    if stored.expires_at <= timezone.now():
        raise CodeExpired(days=CODE_DAYS)
    return stored


def use_code(typed: str) -> User:
    """Use a code and return the account to sign in. Of two uses at once exactly one wins.

    The account's other sessions end: their hash hangs on the (unusable) password, which is drawn anew. Its older
    phones stay registered: they may hold records that were not sent yet, and a lost one is revoked by a person
    (docs/spec/record-sync.md §1.4).
    Raises what `find_code` raises.
    """
    stored = find_code(typed)
    now = timezone.now()
    with transaction.atomic():
        won = ActivationCode.objects.filter(pk=stored.pk, used_at=None, withdrawn_at=None, expires_at__gt=now).update(
            used_at=now
        )
        if not won:
            raise CodeUsed
        user = User.objects.select_for_update().get(pk=stored.user_id)
        if user.has_usable_password():
            raise CodeForStaff
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
