"""What the admin's plain lists have in common, here and in the layers above."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Model
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy


class ListViewSet(ModelViewSet):
    """Rows that are searched in their own columns and never copied."""

    search_backend_name = None
    copy_view_enabled = False


class RecordViewSet(ListViewSet):
    """Rows that are looked at; what else may be done with them, `allow_only` says."""

    inspect_view_enabled = True


class OnlyPermissionPolicy(ModelPermissionPolicy):
    """The given actions as granted, and no other to anybody, superusers included."""

    def __init__(self, model: type[Model], actions: Collection[str]) -> None:
        super().__init__(model)
        self._actions = frozenset(actions)

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in self._actions and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Collection[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


def allow_only(model: type[Model], *actions: str) -> None:
    """Let the admin do nothing but these ("view", "add", …) with rows of the model."""
    register_permission_policy(model, OnlyPermissionPolicy(model, actions))
