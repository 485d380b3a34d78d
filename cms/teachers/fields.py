"""A list of choices in one column, edited as checkboxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class ChoiceListField(models.JSONField):
    """A JSON list whose members come from `options`; each at most once."""

    def __init__(
        self, *args: Any, options: Sequence[tuple[Any, Any]] = (), coerce: Callable[[str], Any] = str, **kwargs: Any
    ) -> None:
        self.options = list(options)
        self.coerce = coerce
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Raise `ValidationError` for anything but a list of known, different options."""
        known = [option for option, _label in self.options]
        if not isinstance(value, list) or any(item not in known for item in value) or len(set(value)) != len(value):
            raise ValidationError(_("请从列表中选择，每项最多一次。"), code="invalid")

    def formfield(self, **kwargs: Any) -> forms.Field:
        return forms.TypedMultipleChoiceField(
            choices=self.options,
            coerce=self.coerce,
            required=False,
            label=self.verbose_name,
            help_text=self.help_text,
            widget=forms.CheckboxSelectMultiple,
        )
