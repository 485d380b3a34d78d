"""Who may send a body larger than anybody's: looked up before the first byte is taken in."""

from __future__ import annotations

from importlib import import_module

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie

from accounts.selectors import may_use_admin
from config.readable_text import is_readable


def is_staff_session(cookie: str) -> bool:
    """Whether the `Cookie` header belongs to a live session of a person who may use the admin."""
    session_key = parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME)
    if not session_key or not is_readable(session_key):
        return False
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return may_use_admin(get_user(request))


@sync_to_async
def may_upload(cookie: str) -> bool:
    """`is_staff_session` for the event loop."""
    # Outside of Django's own request cycle nobody else puts stale connections away.
    close_old_connections()
    try:
        return is_staff_session(cookie)
    finally:
        close_old_connections()
