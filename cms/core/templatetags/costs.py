"""`{{ length|megabytes }}`: what an action costs, in the words of the browser application (`player/strings.js`)."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def clock(seconds: float | None) -> str:
    """Seconds as "12:31", hours only when there are any; nothing for no length."""
    if not seconds:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def megabytes(length: int | None) -> str:
    """Bytes as "1.2 MB": decimal megabytes, tenths below ten, at least 0.1; nothing for no length."""
    if not length:
        return ""
    amount = length / 1_000_000
    return f"{int(amount + 0.5)} MB" if amount >= 10 else f"{max(0.1, amount):.1f} MB"
