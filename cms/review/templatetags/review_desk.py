"""Puts above a form what this person has to know: the reviewer's desk, or what the reviewer wants changed."""

from __future__ import annotations

from typing import Any

from django import template

from cms.review.desk import desk_of
from cms.review.selectors import returned_of

register = template.Library()


@register.inclusion_tag("review_admin/desk.html", takes_context=True)
def review_desk(context: dict[str, Any], instance: Any) -> dict[str, Any]:
    """The desk of the person who asks, or a return's words, or nothing."""
    return {"desk": desk_of(instance, context["request"].user), "returned": returned_of(instance)}
