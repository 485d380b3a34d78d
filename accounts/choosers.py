"""What choosers in the admin share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.widgets.chooser import BaseChooser

from accounts.errors import NotPermitted


class WordFilterForm(BaseFilterForm):
    """A search box over plain columns: two-character Chinese words must be found."""

    columns: tuple[str, ...] = ()
    q = forms.CharField(label=_("查找"), required=False, max_length=60)

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        objects = super().filter(objects)
        word = self.cleaned_data.get("q")
        if not word:
            return objects
        self.is_searching = True
        self.search_query = word
        wanted = Q()
        for column in self.columns:
            wanted |= Q(**{f"{column}__icontains": word})
        return objects.filter(wanted)


class _ChoicesWithinReach:
    """Mixin for a chooser's views: what is out of reach is neither listed nor named for its id."""

    request: Any
    within: Any
    may_choose: Any
    model_class: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_choose(request.user):
            raise NotPermitted
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def get_object_list(self) -> Any:
        return self.within(self.request.user, super().get_object_list())  # type: ignore[misc]

    def get_object(self, pk: str) -> Any:
        found = self.get_objects([pk])
        if not found:
            raise Http404
        return found[0]

    def get_objects(self, pks: list[str]) -> Any:
        try:
            rows = self.model_class.objects.filter(pk__in=pks)
            return list(self.within(self.request.user, rows))
        except (ValueError, ValidationError) as error:
            raise Http404 from error


class ReachChooser:
    """Mixin for a `ChooserViewSet`: people choose among the rows of their own trees of organisations only."""

    model: Any

    def within(self, user: Any, rows: Any) -> Any:
        """Those of the rows that the person may choose."""
        raise NotImplementedError

    def may_choose(self, user: Any) -> bool:
        """Whether the person has anything to choose for; others are refused."""
        raise NotImplementedError

    def construct_view(self, view_class: Any, **kwargs: Any) -> Any:
        parts = {"within": staticmethod(self.within), "may_choose": staticmethod(self.may_choose)}
        scoped = type(view_class.__name__, (_ChoicesWithinReach, view_class), parts)
        return super().construct_view(scoped, **kwargs)  # type: ignore[misc]


def offer(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let a form's field take one of the rows and no other; what else is sent is not even named in the answer."""
    field = form.fields[name]
    field.queryset = rows  # type: ignore[attr-defined]
    widget = field.widget
    if isinstance(widget, BaseChooser):
        widget.get_instance = lambda value: _known(rows, value)


def _known(rows: QuerySet[Any], value: Any) -> Model | None:
    if value is None:
        return None
    key = value.pk if isinstance(value, Model) else value
    try:
        found: Model | None = rows.filter(pk=key).first()
    except (ValueError, ValidationError):
        return None
    return found
