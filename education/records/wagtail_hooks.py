"""The review queue: records in quarantine, to be looked at. Nothing here changes a record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from education.records.models import LearningRecord


class ReadOnlyPermissionPolicy(ModelPermissionPolicy):
    """Viewing as granted; records come from devices only."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


register_permission_policy(LearningRecord, ReadOnlyPermissionPolicy(LearningRecord))


class LearningRecordViewSet(ModelViewSet):
    """Study records with their state; filter by 待复核 for the queue."""

    model = LearningRecord
    icon = "clipboard-list"
    menu_label = _("学习记录")
    menu_order = 715
    add_to_admin_menu = True
    list_display = ["member", "verb", "status", "reason", "sequence", "received_at"]
    list_filter = ["status", "reason"]
    ordering = ["-pk"]
    form_fields = ["status"]
    inspect_view_enabled = True
    inspect_view_fields = [
        "member", "device_id", "epoch", "sequence", "verb", "material_id", "device_time", "occurred_at",
        "received_at", "status", "reason", "statement",
    ]  # fmt: skip
    copy_view_enabled = False


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [LearningRecordViewSet("learning_records")]
