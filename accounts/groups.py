"""One Django group for each role, so that Wagtail's permissions follow from roles and from nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_delete, post_migrate, post_save

from accounts.models import RoleAssignment, User

GROUP_OF_ROLE = {
    RoleAssignment.Role.EDITOR: "editors",
    RoleAssignment.Role.REVIEWER: "reviewers",
    RoleAssignment.Role.BRANCH_SECRETARY: "secretaries",
    RoleAssignment.Role.TRAINER: "trainers",
    RoleAssignment.Role.TOWNSHIP_OPERATOR: "operators",
    RoleAssignment.Role.PROVINCE_ADMINISTRATOR: "province_administrators",
}
"""What editors and reviewers may do is granted by `cms.core.bootstrap`, under the same names."""

ADMINISTRATOR_RIGHTS = (
    ("wagtailadmin", "access_admin"),
    ("accounts", "add_organisation"),
    ("accounts", "change_organisation"),
    ("accounts", "delete_organisation"),
    ("accounts", "add_roleassignment"),
    ("accounts", "delete_roleassignment"),
    ("members", "add_partymember"),
    ("members", "change_partymember"),
    ("hours", "add_ruleversion"),
    ("hours", "view_ruleversion"),
    ("training", "add_trainingcampaign"),
    ("training", "change_trainingcampaign"),
    ("training", "add_trainingclass"),
    ("training", "change_trainingclass"),
    ("training", "add_enrolment"),
    ("training", "change_enrolment"),
    ("records", "view_learningrecord"),
    ("sync", "view_recordbundle"),
)
WITHDRAWN_ADMINISTRATOR_RIGHTS = (("accounts", "add_user"), ("accounts", "change_user"), ("accounts", "delete_user"))
"""Earlier versions granted them; they let their holder set anybody's password."""
EDITOR_RIGHTS = (
    ("classroom", "add_quiz"),
    ("classroom", "change_quiz"),
    ("training", "add_trainingcampaign"),
    ("training", "change_trainingcampaign"),
)
"""Granted by label and code name, which names no module of a higher layer; absent models grant nothing."""
REVIEWER_RIGHTS = (("classroom", "change_quiz"), ("packages", "change_offlinepackage"))
"""A snippet's edit view, where its review stands, asks for the right to change it; changes stay drafts."""


def ensure_groups(**_: Any) -> None:
    """Create the groups and grant their rights, so that others given by hand stay; withdraw what was granted amiss."""
    for name in GROUP_OF_ROLE.values():
        Group.objects.get_or_create(name=name)
    for role, rights in (
        (RoleAssignment.Role.PROVINCE_ADMINISTRATOR, ADMINISTRATOR_RIGHTS),
        (RoleAssignment.Role.EDITOR, EDITOR_RIGHTS),
        (RoleAssignment.Role.REVIEWER, REVIEWER_RIGHTS),
    ):
        group = Group.objects.get(name=GROUP_OF_ROLE[role])
        for app_label, codename in rights:
            group.permissions.add(*Permission.objects.filter(content_type__app_label=app_label, codename=codename))
    administrators = Group.objects.get(name=GROUP_OF_ROLE[RoleAssignment.Role.PROVINCE_ADMINISTRATOR])
    for app_label, codename in WITHDRAWN_ADMINISTRATOR_RIGHTS:
        withdrawn = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
        administrators.permissions.remove(*withdrawn)


def sync_groups(user: User) -> None:
    """Put the user into the groups of the roles held anywhere, and out of the groups of roles no longer held."""
    held = {
        GROUP_OF_ROLE[RoleAssignment.Role(role)]
        for role in RoleAssignment.objects.filter(user=user).values_list("role", flat=True)
    }
    for name in GROUP_OF_ROLE.values():
        group, _ = Group.objects.get_or_create(name=name)
        if name in held:
            user.groups.add(group)
        else:
            user.groups.remove(group)


def _role_changed(instance: RoleAssignment, **_: Any) -> None:
    user = User.objects.filter(pk=instance.user_id).first()
    if user is not None:
        sync_groups(user)


def connect() -> None:
    """Called once when the applications are ready."""
    post_save.connect(_role_changed, sender=RoleAssignment, dispatch_uid="accounts.role_given")
    post_delete.connect(_role_changed, sender=RoleAssignment, dispatch_uid="accounts.role_taken")
    post_migrate.connect(ensure_groups, dispatch_uid="accounts.ensure_groups")
