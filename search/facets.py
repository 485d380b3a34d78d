"""The values of facets that are no terms of a taxonomy. Documents and engines hold codes; words are `narrowing`'s."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation

LENGTH_BANDS: tuple[tuple[str, int | None, Any], ...] = (
    ("to-10", 10, _("10 分钟以内")),
    ("to-30", 30, _("10—30 分钟")),
    ("to-60", 60, _("30—60 分钟")),
    ("over-60", None, _("60 分钟以上")),
)
"""Code, longest length in minutes (itself within the band), name; the shorter ones first."""
LEVELS: tuple[str, ...] = tuple(Organisation.Level.values)
"""Whose material it is, from the province down to the branch."""


def length_band(minutes: float | None) -> str | None:
    """The band that a length lies in; None where nobody knows it."""
    if not minutes or minutes <= 0:
        return None
    return next(code for code, longest, _name in LENGTH_BANDS if longest is None or minutes <= longest)
