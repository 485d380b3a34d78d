"""What choosers in the admin share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm


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
