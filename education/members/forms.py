"""Forms of the branch secretary."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from education.classroom.services import MOST_SESSION_MINUTES
from education.members.models import PartyMember
from education.members.rules import plausible_duty_date


def _date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class OpenMemberForm(forms.Form):
    """A new member's account: a name and a duty."""

    member_id = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("姓名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写姓名。")},
    )
    duty = forms.ChoiceField(label=_("身份"), choices=PartyMember.Duty.choices, initial=PartyMember.Duty.MEMBER)
    duty_since = forms.DateField(
        label=_("任职日期（只有新任书记要填）"),
        required=False,
        widget=_date_input(),
        input_formats=["%Y-%m-%d"],
        validators=[plausible_duty_date],
    )
    is_another_person = forms.BooleanField(label=_("是另一个人"), required=False)

    @classmethod
    def blank(cls) -> OpenMemberForm:
        """An empty form with the id that its account will have, so that sending it twice opens one account."""
        return cls(initial={"member_id": uuid.uuid4()})


class CardsForm(forms.Form):
    """Whose codes to print, named by ids; the request's own id makes a reload harmless."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    member = forms.ModelMultipleChoiceField(PartyMember.objects.none(), to_field_name="member_id")


class SessionForm(forms.Form):
    """A session that the branch studied together, with its roster."""

    session_id = forms.UUIDField(widget=forms.HiddenInput)
    lesson = forms.ChoiceField(label=_("看了哪一课（可不选）"), required=False)
    title = forms.CharField(label=_("学习内容"), max_length=120, required=False)
    held_on = forms.DateField(
        label=_("日期"),
        widget=_date_input(),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("请选日期。"), "invalid": _("日期要像 2026-01-15 这样。")},
    )
    minutes = forms.IntegerField(
        label=_("时长（分钟）"),
        min_value=1,
        max_value=MOST_SESSION_MINUTES,
        initial=90,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    member = forms.ModelMultipleChoiceField(
        PartyMember.objects.none(),
        to_field_name="member_id",
        error_messages={"required": _("名单是空的，请勾选参加的党员，至少一人。")},
    )

    @classmethod
    def blank(cls, today: date) -> SessionForm:
        """An empty form with the id that its session will have."""
        return cls(initial={"session_id": uuid.uuid4(), "held_on": today})

    def offer(self, lessons: dict[str, str], people: QuerySet[PartyMember]) -> None:
        """Let the form take one of these lessons (id → title) and these people."""
        self.lessons = lessons
        self.fields["lesson"].choices = [("", _("没有看课，或不在名单里")), *lessons.items()]  # type: ignore[attr-defined]
        self.fields["member"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A lesson that was watched names the session, unless the secretary wrote another name."""
        data = super().clean() or {}
        data["title"] = data.get("title") or self.lessons.get(data.get("lesson", ""), "")[:120]
        if not data["title"] and "title" not in self.errors:
            self.add_error("title", _("请写上学习了什么，或选一课。"))
        return data


class RosterForm(forms.Form):
    """A corrected roster; an empty one takes the session back."""

    member = forms.ModelMultipleChoiceField(PartyMember.objects.none(), to_field_name="member_id", required=False)
