"""Who may do what where. A role at an organisation reaches everything below it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import ActivationCode, Organisation, RoleAssignment, User


def ancestor_paths(organisation: Organisation) -> list[str]:
    """Tree paths of an organisation and everything above it, from the root down.

    Read from the database: an instance held in memory does not know that a node above it was moved.
    """
    step = Organisation.steplen
    path = Organisation.objects.filter(pk=organisation.pk).values_list("path", flat=True).first() or ""
    return [path[:end] for end in range(step, len(path) + 1, step)]


def can(user: User | AnonymousUser, role: str, organisation: Organisation) -> bool:
    """Whether the user holds `role` at the organisation or above it. A superuser holds every role everywhere."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser:
        return True
    return RoleAssignment.objects.filter(
        user_id=user.pk, role=role, organisation__path__in=ancestor_paths(organisation)
    ).exists()


def organisations_for(user: User | AnonymousUser, role: str) -> QuerySet[Organisation]:
    """Every organisation that the user's `role` reaches, in tree order."""
    if not user.is_authenticated or not user.is_active:
        return Organisation.objects.none()
    if user.is_superuser:
        return Organisation.objects.order_by("path")
    paths = RoleAssignment.objects.filter(user_id=user.pk, role=role).values_list("organisation__path", flat=True)
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(path__startswith=path)
    return Organisation.objects.filter(reach).order_by("path")


def has_role(user: User | AnonymousUser, role: str) -> bool:
    """Whether the user holds `role` anywhere."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or RoleAssignment.objects.filter(user_id=user.pk, role=role).exists()


def codes_out(user_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """Until when a code that was handed out and not used yet is good, by user; one query."""
    codes = ActivationCode.objects.filter(
        user_id__in=user_ids, used_at=None, withdrawn_at=None, expires_at__gt=now
    ).order_by("expires_at")
    return dict(codes.values_list("user_id", "expires_at"))


def role_labels(user: User | AnonymousUser) -> list[str]:
    """The roles that the user holds anywhere, each once, in words."""
    if not user.is_authenticated:
        return []
    held = set(RoleAssignment.objects.filter(user_id=user.pk).values_list("role", flat=True))
    return [str(role.label) for role in RoleAssignment.Role if role in held]


def may_use_admin(user: User | AnonymousUser) -> bool:
    """Whether the user may open the admin at all."""
    return user.is_active and user.has_perm("wagtailadmin.access_admin")


def home_address(user: User) -> str:
    """Where a person goes after signing in: the secretary to the branch, staff to the admin, a member to 我的."""
    if RoleAssignment.objects.filter(user=user, role=RoleAssignment.Role.BRANCH_SECRETARY).exists():
        return "/branch/"
    if may_use_admin(user):
        return "/admin/"
    return "/me/"
