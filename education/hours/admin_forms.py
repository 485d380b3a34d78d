"""The form in which a province administrator sets a year's rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from education.hours.models import RuleVersion, StudyHoursEntry
from education.hours.rules import COLUMNS, DUTIES
from education.hours.services import adopt_rule, current_rule
from education.members.models import PartyMember


class RuleVersionForm(WagtailAdminModelForm):
    """Every number with a name; saving stores the next version of the year."""

    minutes_per_hour = forms.IntegerField(label=_("多少分钟折合 1 学时"), min_value=1, max_value=240)
    half_day_hours = forms.IntegerField(label=_("半天折合学时"), min_value=1, max_value=24)
    day_hours = forms.IntegerField(label=_("一天折合学时"), min_value=1, max_value=24)
    new_secretary_months = forms.IntegerField(label=_("新任书记须在几个月内参加集中培训"), min_value=1, max_value=24)
    counted_columns = forms.MultipleChoiceField(
        label=_("计入规定学时的栏目"),
        choices=[(column, StudyHoursEntry.Column(column).label) for column in COLUMNS],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = RuleVersion
        fields = ["year"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for duty in DUTIES:
            label = PartyMember.Duty(duty).label
            self.fields[f"{duty}_hours"] = forms.IntegerField(
                label=_("%(duty)s：每年学时") % {"duty": label}, min_value=0, max_value=2000
            )
            self.fields[f"{duty}_central_trainings"] = forms.IntegerField(
                label=_("%(duty)s：每年集中培训次数") % {"duty": label}, min_value=0, max_value=50
            )
        if self.instance._state.adding:
            self._start_from_current_numbers()

    def _start_from_current_numbers(self) -> None:
        year = timezone.localdate().year
        numbers = current_rule(year).numbers
        self.initial["year"] = year
        for name in ("minutes_per_hour", "half_day_hours", "day_hours", "new_secretary_months", "counted_columns"):
            self.initial[name] = numbers[name]
        for duty in DUTIES:
            for name in ("hours", "central_trainings"):
                self.initial[f"{duty}_{name}"] = numbers["targets"][duty][name]

    def save(self, commit: bool = True) -> RuleVersion:
        """Adopt the numbers; the instance becomes the new version."""
        data = self.cleaned_data
        names = ("minutes_per_hour", "half_day_hours", "day_hours", "new_secretary_months", "counted_columns")
        numbers = {name: data[name] for name in names}
        numbers["targets"] = {
            duty: {name: data[f"{duty}_{name}"] for name in ("hours", "central_trainings")} for duty in DUTIES
        }
        adopted = adopt_rule(year=data["year"], numbers=numbers, adopted_by=getattr(self, "for_user", None))
        self.instance.__dict__.update(adopted.__dict__)
        return self.instance
