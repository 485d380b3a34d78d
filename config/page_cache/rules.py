"""Which requests and responses may meet in the cache. Pure: no settings, no Django, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

MAX_AGE_S = 60.0
"""A page is rendered again at least this often: what is on it today may not be so tomorrow."""
MAX_PAGE_BYTES = 512 * 1024
MAX_QUERY_BYTES = 128
TIBETAN = "/bo"
NEVER = ("/admin/", "/api/", "/health/", "/search/", "/me/", "/branch/", "/join/", "/login/", "/logout/", "/documents/")
PERSONAL_COOKIES = frozenset({"sessionid", "messages"})
LANGUAGE_COOKIE = "django_language"
KEPT_TYPES = (b"text/html", b"application/json", b"application/vnd.apple", b"text/vtt")
KEPT_VARY = frozenset({"cookie", "accept-language", "accept-encoding"})


@dataclass(frozen=True)
class Key:
    """What makes two anonymous requests equal: nothing else about them reaches the page."""

    scheme: str
    host: bytes
    path: str
    query: bytes
    language: str


def key_of(method: str, scheme: str, path: str, query: bytes, headers: Mapping[bytes, bytes]) -> Key | None:
    """The request's key, or None when its answer may depend on who asks."""
    if method not in {"GET", "HEAD"} or path.removeprefix(TIBETAN).startswith(NEVER) or len(query) > MAX_QUERY_BYTES:
        return None
    if b"authorization" in headers or b"range" in headers:
        return None
    cookies = parse_cookies(headers.get(b"cookie", b""))
    if cookies is None or PERSONAL_COOKIES & cookies.keys():
        return None
    return Key(scheme, headers.get(b"host", b""), path, query, cookies.get(LANGUAGE_COOKIE, "")[:16])


def parse_cookies(header: bytes) -> dict[str, str] | None:
    """The cookies by name; None when the header can't be read (then nothing about it is assumed)."""
    if not header:
        return {}
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header.decode("latin-1")).items()}
    except CookieError:
        return None


def may_keep(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a response to a cacheable request is the same for everybody."""
    if status != 200:
        return False
    for raw_name, value in headers:
        name = raw_name.lower()
        if name in {b"set-cookie", b"content-encoding"}:
            return False
        if name == b"cache-control" and any(word in value.lower() for word in (b"private", b"no-store")):
            return False
        if name == b"content-type" and not value.startswith(KEPT_TYPES):
            return False
        if name == b"vary" and not {part.strip().lower() for part in value.decode("latin-1").split(",")} <= KEPT_VARY:
            return False
    return True
