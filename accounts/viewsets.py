"""What the admin's plain lists have in common, here and in the layers above."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy


class ListViewSet(ModelViewSet):
    """Rows that are searched in their own columns and never copied."""

    search_backend_name = None
    copy_view_enabled = False


class _WithinReach:
    """Mixin for the admin's views: a row out of reach does not exist, by whatever view it is asked for."""

    request: Any
    within: Any
    kwargs: dict[str, Any]
    rows_of: type[Model]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if "pk" in kwargs:
            self._check(request.user, unquote(str(kwargs["pk"])))
        super().setup(request, *args, **kwargs)  # type: ignore[misc]

    def _check(self, user: Any, key: str) -> None:
        try:
            reached = self.within(user, self.rows_of._default_manager.filter(pk=key)).exists()
        except (ValueError, ValidationError) as error:
            raise Http404 from error
        # What refers to a row may lie beyond the tree: the list of it is for those who see everything.
        if not reached or (isinstance(self, UsageView) and not user.is_superuser):
            raise Http404


class _ListWithinReach(_WithinReach):
    """The same for a list."""

    def get_base_queryset(self) -> Any:
        return self.within(self.request.user, super().get_base_queryset())  # type: ignore[misc]


class Reach:
    """Mixin for a `ModelViewSet`: people see, change and delete rows only within their own trees of organisations."""

    model: type[Model]

    def within(self, user: Any, rows: Any) -> Any:
        """Those of the rows that the person may manage."""
        raise NotImplementedError

    def construct_view(self, view_class: Any, **kwargs: Any) -> Any:
        scope = _ListWithinReach if issubclass(view_class, IndexView) else _WithinReach
        parts = {"within": staticmethod(self.within), "rows_of": self.model}
        scoped = type(view_class.__name__, (scope, view_class), parts)
        return super().construct_view(scoped, **kwargs)  # type: ignore[misc]


class ReachViewSet(Reach, ListViewSet):
    """A plain list with `Reach`."""


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
