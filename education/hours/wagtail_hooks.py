"""The year's rules in the admin: versions are added and looked at, never edited."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.permissions import register_permission_policy

from accounts.authority import administers_a_province
from accounts.viewsets import OnlyPermissionPolicy, RecordViewSet
from education.hours.admin_forms import RuleVersionForm
from education.hours.models import RuleVersion


class RulePermissionPolicy(OnlyPermissionPolicy):
    """The rules hold for the whole province: its own administrators set them, those of a county look at them."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return super().user_has_permission(user, action) and (action != "add" or administers_a_province(user))


register_permission_policy(RuleVersion, RulePermissionPolicy(RuleVersion, ["view", "add"]))


class RuleVersionViewSet(RecordViewSet):
    """Study-hours rules by year."""

    model = RuleVersion
    icon = "list-ol"
    menu_label = _("学时规则")
    menu_order = 710
    add_to_admin_menu = True
    list_display = ["year", "version", "adopted_by", "adopted_at"]
    list_filter = ["year"]
    ordering = ["-year", "-version"]
    inspect_view_fields = ["year", "version", "numbers", "adopted_by", "adopted_at"]

    def get_form_class(self, for_update: bool = False) -> type[RuleVersionForm]:
        return RuleVersionForm


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [RuleVersionViewSet("study_hours_rules")]
