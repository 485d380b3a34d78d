"""Forms of the admin: an organisation with its place in the tree."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from accounts.errors import PersonError
from accounts.models import Organisation
from accounts.services import attach_organisation, check_levels, move_organisation


class OrganisationForm(WagtailAdminModelForm):
    """Name, code, level and the organisation above; saving attaches or moves the node."""

    parent = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label=_("上级党组织"), help_text=_("只有省级没有上级。")
    )

    class Meta:
        model = Organisation
        fields = ["name", "code", "level"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        candidates = Organisation.objects.exclude(level=Organisation.Level.BRANCH).order_by("path")
        self.fields["parent"].queryset = candidates  # type: ignore[attr-defined]
        self.fields["parent"].label_from_instance = _indented  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["parent"].initial = self.instance.get_parent()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        parent, level = cleaned.get("parent"), cleaned.get("level")
        if level is None:
            return cleaned
        try:
            check_levels(parent, level)
            if self.instance.pk:
                for child in Organisation.objects.get(pk=self.instance.pk).get_children():
                    check_levels(Organisation(level=level), child.level)
        except PersonError as error:
            raise ValidationError([error.zh, error.en], code=error.code) from error
        if parent and self.instance.pk and parent.path.startswith(self.instance.path):
            raise ValidationError(_("不能把一个组织移到它自己或它的下级里。请另选上级。"))
        return cleaned

    def save(self, commit: bool = True) -> Organisation:
        parent = self.cleaned_data["parent"]
        if not self.instance.pk:
            return attach_organisation(self.instance, parent=parent)
        saved: Organisation = super().save(commit=commit)
        before = Organisation.objects.get(pk=saved.pk).get_parent()
        if parent and (before is None or before.pk != parent.pk):
            move_organisation(saved, parent=parent)
        return saved


def _indented(organisation: Organisation) -> str:
    return "　" * (organisation.depth - 1) + organisation.name
