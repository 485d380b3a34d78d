"""Refuses a request whose text no database keeps: a NUL, or half of a character.

PostgreSQL takes neither into a query; no person types either. Refusing them here, once, spares every view, form
and selector a guard of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.errors import PersonError
from config.errors import respond

UNREADABLE = re.compile("[\0\ud800-\udfff]")
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_CHECK_THEIR_OWN_BODIES = ("/admin/", "/api/")
"""The admin takes files of many gigabytes and its forms refuse NUL themselves; programs send no forms."""


class UnreadableText(PersonError):
    code = "unreadable-text"
    message_zh = "网址或表格里有系统无法保存的字符（复制粘贴时可能带进来）。请回到上一页，把那一项重新输入一遍。"
    message_en = (
        "The address or the form holds characters that cannot be stored, perhaps from pasting. "
        "Go back and type that field again."
    )


def is_readable(text: str) -> bool:
    """Whether the text holds neither a NUL nor a lone surrogate; pure."""
    return UNREADABLE.search(text) is None


def is_utf8(query: str) -> bool:
    """Whether a percent-encoded query string decodes to text; pure."""
    try:
        unquote_to_bytes(query).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return False
    return True


class ReadableTextMiddleware:
    """Stands before all that reads the database by what a stranger sent, his cookies included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_utf8(request.META.get("QUERY_STRING", "")) or not all(map(is_readable, _texts(request))):
            return respond(request, UnreadableText())
        return self._get_response(request)


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    yield from request.COOKIES.values()
    yield from _fields(request.GET)
    if request.content_type in _FORMS and not request.path_info.startswith(_CHECK_THEIR_OWN_BODIES):
        yield from _fields(request.POST)
        yield from (file.name or "" for _field, files in request.FILES.lists() for file in files)


def _fields(fields: QueryDict) -> Iterator[str]:
    for name, values in fields.lists():
        yield name
        yield from values
