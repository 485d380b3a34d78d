"""The year's rules in the admin: versions are added and looked at, never edited."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from education.hours.admin_forms import RuleVersionForm
from education.hours.models import RuleVersion


class AppendOnlyPermissionPolicy(ModelPermissionPolicy):
    """Add and view as granted; nobody changes or deletes, superusers included."""

    _REFUSED = frozenset({"change", "delete"})

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in self._REFUSED and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Collection[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


register_permission_policy(RuleVersion, AppendOnlyPermissionPolicy(RuleVersion))


class RuleVersionViewSet(ModelViewSet):
    """Study-hours rules by year."""

    model = RuleVersion
    icon = "list-ol"
    menu_label = _("学时规则")
    menu_order = 710
    add_to_admin_menu = True
    list_display = ["year", "version", "adopted_by", "adopted_at"]
    list_filter = ["year"]
    ordering = ["-year", "-version"]
    inspect_view_enabled = True
    inspect_view_fields = ["year", "version", "numbers", "adopted_by", "adopted_at"]
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[RuleVersionForm]:
        return RuleVersionForm


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [RuleVersionViewSet("study_hours_rules")]
