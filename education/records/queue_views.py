"""The admin's page of something in quarantine, with the two decisions below it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views.generic import InspectView

from accounts.errors import PersonError
from accounts.models import User
from education.records.decisions import MOST_WORDS, Decision

WAITING = "waiting"
QUARANTINED = "quarantined"


class DecisionForm(forms.Form):
    """The reason; which button was pressed is the outcome."""

    outcome = forms.ChoiceField(choices=Decision.Outcome.choices)
    why = forms.CharField(
        label=gettext_lazy("理由"), max_length=MOST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class QueueInspectView(InspectView):
    """Shows a row; while it waits, a person accepts or rejects it here."""

    template_name = "records_admin/inspect.html"
    labels: Mapping[str, Any] = {}
    """What fields are called here that have no name for people."""

    def get_field_label(self, field_name: str, field: Any) -> str:
        return str(self.labels.get(field_name) or super().get_field_label(field_name, field))

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        value = super().get_field_display_value(field_name, field)
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value

    def decide(self, row: Any, *, outcome: str, why: str, by: User) -> Decision:
        """Carry the decision out; may raise a `PersonError`."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: str) -> HttpResponse:
        form = DecisionForm(request.POST)
        if not form.is_valid() or not isinstance(request.user, User):
            messages.error(request, _("没有办理：请选“采纳”或“不采纳”，理由不超过 300 字。"))
            return redirect(request.path)
        try:
            decision = self.decide(self.object, by=request.user, **form.cleaned_data)
        except PersonError as error:
            messages.error(request, error.zh)
        else:
            messages.success(request, _("已办理：{decision}").format(decision=decision))
        return redirect(request.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decision = getattr(self.object, "decision", None)
        waits = decision is None and self.object.status == QUARANTINED
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"decision": decision, "waits": waits, "most_words": MOST_WORDS}


class QueueFilterSet(WagtailFilterSet):
    """By what became of the review."""

    review = django_filters.ChoiceFilter(
        label=gettext_lazy("复核"),
        choices=[(WAITING, gettext_lazy("待复核")), *Decision.Outcome.choices],
        method="filter_review",
    )

    def filter_review(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Waiting rows, or those decided in a way."""
        if value == WAITING:
            return rows.filter(status=QUARANTINED, decision=None)
        return rows.filter(decision__outcome=value)


def review_words(row: Any) -> str:
    """What became of the review, for a list."""
    decision: Decision | None = getattr(row, "decision", None)
    if decision is not None:
        return str(decision.get_outcome_display())
    return _("待复核") if row.status == QUARANTINED else "—"
