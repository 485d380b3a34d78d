"""Puts the reviewer's desk above a form."""

from __future__ import annotations

from typing import Any

from django import template

from cms.review.desk import desk_of

register = template.Library()


@register.inclusion_tag("review_admin/desk.html", takes_context=True)
def review_desk(context: dict[str, Any], instance: Any) -> dict[str, Any]:
    """The desk of the person who asks, or nothing."""
    return {"desk": desk_of(instance, context["request"].user)}
