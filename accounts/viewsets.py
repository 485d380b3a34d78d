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


class _WithinReach:
    """Mixin for the admin's views: rows out of reach do not exist."""

    request: Any
    within: Any

    def get_base_queryset(self) -> Any:
        return self.within(self.request.user, super().get_base_queryset())  # type: ignore[misc]

    def get_base_object_queryset(self) -> Any:
        return self.within(self.request.user, super().get_base_object_queryset())  # type: ignore[misc]

    def get_queryset(self) -> Any:
        return self.within(self.request.user, super().get_queryset())  # type: ignore[misc]


class ReachViewSet(ListViewSet):
    """Rows that a person sees, changes and deletes only within the own tree of organisations."""

    def within(self, user: Any, rows: Any) -> Any:
        """Those of the rows that the person may manage."""
        raise NotImplementedError

    def construct_view(self, view_class: Any, **kwargs: Any) -> Any:
        scoped = type(view_class.__name__, (_WithinReach, view_class), {"within": staticmethod(self.within)})
        return super().construct_view(scoped, **kwargs)


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
