"""Headers that tell the browser what a page of ours may do, and whose eyes it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import has_vary_header

STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""Public pages: no inline script or style; the player feeds its media element through a blob address."""

RELAXED = {
    **STRICT,
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "frame-src": "'self'",
    "frame-ancestors": "'self'",
}
"""Wagtail's admin and the previews it frames: its own scripts and styles are partly inline."""

PERMISSIONS = "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


def policy(directives: dict[str, str], media_origins: list[str]) -> str:
    """The header's value; `media_origins` are the object store's or CDN's addresses."""
    extra = "".join(f" {origin}" for origin in media_origins)
    with_origins = {"img-src", "media-src", "connect-src"}
    return "; ".join(f"{name} {value}{extra if name in with_origins else ''}" for name, value in directives.items())


class SecurityHeadersMiddleware:
    """Adds the content policy, and marks what a signed-in person sees as theirs alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._strict = policy(STRICT, settings.MEDIA_ORIGINS)
        self._relaxed = policy(RELAXED, settings.MEDIA_ORIGINS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        is_admin = request.path.startswith(("/admin/", "/django-admin/")) or getattr(request, "is_preview", False)
        response.headers.setdefault("Content-Security-Policy", self._relaxed if is_admin else self._strict)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or has_vary_header(response, "Cookie"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        if isinstance(response, StreamingHttpResponse) and isinstance(request, ASGIRequest):
            stream_from_a_thread_only_while_reading(response)
        return response


def stream_from_a_thread_only_while_reading(response: StreamingHttpResponse) -> None:
    """Let a file be sent chunk by chunk under ASGI.

    Django would read a synchronous stream to its end into memory first; this asks a thread for one chunk at a
    time and holds none while the client takes it.
    """
    if response.is_async:
        return
    read_chunk = sync_to_async(_next_chunk, thread_sensitive=False)
    chunks: Iterator[bytes] = iter(response.streaming_content)  # type: ignore[arg-type]

    async def read() -> AsyncIterator[bytes]:
        while (chunk := await read_chunk(chunks)) is not None:
            yield chunk

    response.streaming_content = read()


def _next_chunk(chunks: Iterator[bytes]) -> bytes | None:
    return next(chunks, None)
