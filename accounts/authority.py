"""Whom an administrator may manage: people within the own tree and below the own authority, and never oneself.

Whoever opens accounts must not be able to act as those who judge content, nor as another administrator: such roles,
and whoever holds them, are left to the system administrator (domain.md §2: separate roles).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from accounts.errors import AccountOutOfReach, RoleOutOfReach
from accounts.groups import GROUP_OF_ROLE
from accounts.models import Organisation, RoleAssignment, User
from accounts.selectors import organisations_for

ADMINISTRATOR = RoleAssignment.Role.PROVINCE_ADMINISTRATOR
BELOW_ADMINISTRATORS = frozenset(
    {
        RoleAssignment.Role.EDITOR,
        RoleAssignment.Role.BRANCH_SECRETARY,
        RoleAssignment.Role.TRAINER,
        RoleAssignment.Role.TOWNSHIP_OPERATOR,
    }
)
"""Roles that an administrator gives and takes."""

_places = ["role_assignments__organisation"]


def register_place(lookup: str) -> None:
    """Let a higher layer say by which path from the account an organisation is reached that it belongs to."""
    if lookup not in _places:
        _places.append(lookup)


def within_tree(
    user: Any, rows: QuerySet[Any], lookup: str = "", *, roles: Collection[str] = (ADMINISTRATOR,)
) -> QuerySet[Any]:
    """Those of the rows whose organisation (`lookup`; "": the row itself) one of the user's `roles` reaches."""
    if user.is_active and user.is_superuser:
        return rows
    column = f"{lookup}__pk" if lookup else "pk"
    somewhere = Q(pk__in=[])
    for role in roles:
        somewhere |= Q(**{f"{column}__in": organisations_for(user, role).order_by().values("pk")})
    return rows.filter(somewhere)


def administers_a_province(user: Any) -> bool:
    """Whether what holds for a whole province is the user's to decide."""
    if not user.is_active:
        return False
    provinces = RoleAssignment.objects.filter(
        user_id=user.pk, role=ADMINISTRATOR, organisation__level=Organisation.Level.PROVINCE
    )
    return bool(user.is_superuser) or provinces.exists()


def accounts_within(user: Any) -> QuerySet[User]:
    """Every account with a place in the tree that the user administers, whatever else it is."""
    if user.is_active and user.is_superuser:
        return User.objects.all()
    reached = organisations_for(user, ADMINISTRATOR).order_by().values("pk")
    somewhere = Q(pk__in=[])
    for place in _places:
        somewhere |= Q(**{f"{place}__pk__in": reached})
    return User.objects.filter(somewhere).distinct()


def may_manage(administrator: Any, account: User) -> bool:
    """Whether a person may recover, lock or give roles to an account."""
    if not administrator.is_active or account.pk == administrator.pk or account.is_superuser:
        return False
    return bool(administrator.is_superuser) or (_is_below(account) and _lies_within(administrator, account))


def _is_below(account: User) -> bool:
    """No right but those of the roles that administrators give."""
    roles = set(account.role_assignments.values_list("role", flat=True))
    groups = set(account.groups.values_list("name", flat=True))
    is_plain = not account.is_staff and not account.user_permissions.exists()
    return is_plain and roles <= BELOW_ADMINISTRATORS and groups <= {GROUP_OF_ROLE[role] for role in _below()}


def _below() -> list[RoleAssignment.Role]:
    return sorted(BELOW_ADMINISTRATORS)


def _lies_within(administrator: Any, account: User) -> bool:
    """Whether the account has a place, and every one of them in the administrator's tree."""
    places: set[int] = set()
    for lookup in _places:
        found = User.objects.filter(pk=account.pk).values_list(f"{lookup}__pk", flat=True)
        places.update(pk for pk in found if pk is not None)
    reached = organisations_for(administrator, ADMINISTRATOR).filter(pk__in=places).count()
    return bool(places) and reached == len(places)


def check_may_manage(administrator: Any, account: User) -> None:
    """Raise `AccountOutOfReach` unless the person may manage the account."""
    if not may_manage(administrator, account):
        raise AccountOutOfReach(name=str(account))


def givable_roles(administrator: Any) -> list[tuple[str, Any]]:
    """Choices of the roles that a person may give."""
    choices = RoleAssignment.Role.choices
    return [choice for choice in choices if administrator.is_superuser or choice[0] in BELOW_ADMINISTRATORS]


def check_may_grant(administrator: Any, role: str, organisation: Organisation) -> None:
    """Raise `RoleOutOfReach` unless the person may give or take this role at this organisation."""
    if administrator.is_active and administrator.is_superuser:
        return
    reached = organisations_for(administrator, ADMINISTRATOR).filter(pk=organisation.pk).exists()
    if role not in BELOW_ADMINISTRATORS or not reached:
        raise RoleOutOfReach(role=RoleAssignment.Role(role).label, organisation=organisation.name)
