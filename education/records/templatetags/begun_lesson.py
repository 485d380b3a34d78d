"""`{% begun_lesson as begun %}`: the lesson that the signed-in member has begun last and not finished."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from cms.curriculum.selectors import LessonCard, card
from education.members.selectors import member_of
from education.records.selectors import last_begun

register = template.Library()


@register.simple_tag(takes_context=True)
def begun_lesson(context: dict[str, Any]) -> LessonCard | None:
    """The lesson's card, or None: nobody is signed in, the account is no member's, or nothing is open.

    Without a session's cookie nothing is asked at all, so that the public page stays the same for everybody and may
    be kept (config.page_cache).
    """
    request = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    member = member_of(request.user)
    lesson = last_begun(member) if member is not None else None
    return card(lesson, request) if lesson is not None else None
