"""Reads about members: whose branch this is, and everything the platform keeps about one person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.errors import NotPermitted
from accounts.models import Organisation, RoleAssignment, User
from accounts.selectors import can, organisations_for
from education.members.models import PartyMember


def member_of(user: User | AnonymousUser) -> PartyMember | None:
    """The member who is signed in, if the account is a member's."""
    if not isinstance(user, User):
        return None
    return PartyMember.objects.filter(user=user, erased_at=None).select_related("branch", "user").first()


def branches_of(user: User | AnonymousUser) -> QuerySet[Organisation]:
    """The branches whose affairs a secretary may see."""
    reach = organisations_for(user, RoleAssignment.Role.BRANCH_SECRETARY)
    return reach.filter(level=Organisation.Level.BRANCH)


def branch_for(user: User, code: str) -> Organisation:
    """The branch with this code, if the user is its secretary.

    Raises `NotPermitted` otherwise — for a branch that does not exist as well, so that codes can't be tried out.
    """
    branch = Organisation.objects.filter(code=code, level=Organisation.Level.BRANCH).first()
    if branch is None or not can(user, RoleAssignment.Role.BRANCH_SECRETARY, branch):
        raise NotPermitted
    return branch


def members_of(branch: Organisation) -> QuerySet[PartyMember]:
    """The members of a branch by name."""
    return PartyMember.objects.filter(branch=branch, erased_at=None).select_related("user").order_by("name", "pk")


def member_document(member: PartyMember) -> dict[str, Any]:
    """What is kept about the person itself, for the export of one's own data."""
    return {
        "member_id": str(member.member_id),
        "name": member.name,
        "branch": member.branch.name,
        "duty": member.get_duty_display(),
        "duty_since": member.duty_since.isoformat() if member.duty_since else None,
        "account_opened": member.user.date_joined.isoformat() if member.user else None,
        "account_name": member.user.username if member.user else None,
        "last_signed_in": member.user.last_login.isoformat() if member.user and member.user.last_login else None,
        "deletion_requested_at": member.deletion_requested_at.isoformat() if member.deletion_requested_at else None,
    }
