"""Writes about members: opening and recovering accounts, asking for deletion, deleting."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.services import IssuedCode, issue_code, open_account
from education.members.errors import NameMissing, NoAccount, SameNameInBranch
from education.members.models import PartyMember
from education.members.signals import member_erased

ERASED_NAME = "（已注销）"


def open_member(
    *,
    branch: Organisation,
    name: str,
    duty: str,
    duty_since: date | None = None,
    member_id: uuid.UUID | None = None,
    is_another_person: bool = False,
) -> PartyMember:
    """Open an account for a person of a branch: name and duty are all that is asked.

    `member_id` comes with the form, so that a double tap opens one account. Raises `NameMissing`, or
    `SameNameInBranch` unless the secretary said that it is another person.
    """
    name = " ".join(name.split())
    if not name:
        raise NameMissing
    member_id = member_id or uuid.uuid4()
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=branch.pk)
        known = PartyMember.objects.filter(member_id=member_id, branch=branch).first()
        if known is not None:
            return known
        if not is_another_person and PartyMember.objects.filter(branch=branch, name=name, erased_at=None).exists():
            raise SameNameInBranch(name=name)
        return PartyMember.objects.create(
            member_id=member_id,
            user=open_account(name=name),
            branch=branch,
            name=name,
            duty=duty,
            duty_since=duty_since,
        )


def print_codes(
    *, members: Sequence[PartyMember], created_by: User, request_id: uuid.UUID
) -> list[tuple[PartyMember, IssuedCode]]:
    """Issue a one-time code for each member, all or none.

    Raises `NoAccount`, `accounts.errors.CodeForStaff`, or `CardAlreadyMade` when this request was answered before.
    """
    cards = []
    with transaction.atomic():
        for member in members:
            if member.user is None:
                raise NoAccount(name=member.name)
            own_request = uuid.uuid5(request_id, str(member.member_id))
            cards.append((member, issue_code(user=member.user, created_by=created_by, request_id=own_request)))
    return cards


def request_deletion(member: PartyMember) -> None:
    """Note that the member wants the account deleted; the branch secretary carries it out."""
    if member.deletion_requested_at is None:
        member.deletion_requested_at = timezone.now()
        member.save(update_fields=["deletion_requested_at"])


def withdraw_deletion_request(member: PartyMember) -> None:
    """The member has thought better of it."""
    member.deletion_requested_at = None
    member.save(update_fields=["deletion_requested_at"])


def erase_member(member: PartyMember, *, by: User | None = None) -> None:
    """Delete the account and the name; hours and records stay under the pseudonym, for the branch's totals.

    Sessions end with the account, and `member_erased` revokes the phones.
    """
    with transaction.atomic():
        account = member.user
        member.user = None
        member.name = ERASED_NAME
        member.erased_at = timezone.now()
        member.save(update_fields=["user", "name", "erased_at"])
        if account is not None:
            account.is_active = False
            account.display_name = ""
            account.set_unusable_password()
            account.save()
        member_erased.send(PartyMember, member=member, by=by)
