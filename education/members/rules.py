"""What a date in a member's record may be: pure but for the clock."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FIRST_DUTY_DATE = date(1950, 1, 1)
_AHEAD = timedelta(days=366)
"""A duty may be entered before it begins, by a year at most."""


def plausible_duty_date(value: date) -> None:
    """Raise `ValidationError` for a date on which nobody of today can have taken up a duty."""
    if not FIRST_DUTY_DATE <= value <= timezone.localdate() + _AHEAD:
        raise ValidationError(_("任职日期看来写错了，请改成实际的日期。"), code="implausible")
