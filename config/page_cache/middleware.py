"""The ASGI layer in front of Django that answers anonymous readers from memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.page_cache import rules
from config.page_cache.generation import GenerationSource
from config.page_cache.rules import Key
from config.page_cache.store import Headers, Page, Store, page, personal

CACHED_PAGES_BYTES = 64 * 1024 * 1024


class PageCache:
    """Keeps public pages; everything else passes through untouched.

    A page is rendered without the visitor's cookies, so that nothing of one visitor can reach another; an address
    that answers with a cookie or forbids keeping is remembered as personal and passed through from then on.
    """

    def __init__(self, app: ASGIApp, generation: GenerationSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._generation = generation
        self._clock = clock
        self._store = Store(CACHED_PAGES_BYTES)
        self._rendering: dict[Key, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        key = rules.key_of(scope["method"], scope["scheme"], scope["path"], scope["query_string"], headers)
        generation = await self._generation() if key else None
        if key is None or generation is None:
            await self._app(scope, receive, send)
            return
        found = self._fresh(key, generation) or await self._render_once(key, generation, scope)
        if found is None or found.is_personal:
            await self._app(scope, receive, send)
        else:
            await _send_page(found, scope["method"], headers, send)

    def _fresh(self, key: Key, generation: int) -> Page | None:
        found = self._store.get(key)
        if found and found.generation == generation and self._clock() - found.made_at < rules.MAX_AGE_S:
            return found
        return None

    async def _render_once(self, key: Key, generation: int, scope: Scope) -> Page | None:
        """Render the page; those who ask for it in the meantime wait for that one rendering."""
        lock = self._rendering.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                found = self._fresh(key, generation)
                return found or await self._render(key, generation, scope)
        finally:
            if not lock.locked():
                self._rendering.pop(key, None)

    async def _render(self, key: Key, generation: int, scope: Scope) -> Page | None:
        capture = _Capture()
        await self._app(_anonymous(scope, key), _EmptyBody(), capture)
        if capture.is_whole and rules.may_keep(capture.status, capture.headers):
            made = page(generation, self._clock(), capture.headers, bytes(capture.body))
        elif capture.status == 200:
            made = personal(generation, self._clock())
        else:
            return None
        self._store.put(key, made)
        return made


def _anonymous(scope: Scope, key: Key) -> Scope:
    """The request as anybody would send it."""
    dropped = {b"cookie", b"accept-encoding", b"if-none-match", b"if-modified-since"}
    headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
    if key.language:
        headers.append((b"cookie", f"{rules.LANGUAGE_COOKIE}={key.language}".encode("latin-1")))
    return {**scope, "method": "GET", "headers": headers}


class _EmptyBody:
    """A request without a body whose sender never hangs up: others may be waiting for the same page."""

    def __init__(self) -> None:
        self._is_told = False

    async def __call__(self) -> Message:
        if self._is_told:
            await asyncio.Event().wait()
        self._is_told = True
        return {"type": "http.request", "body": b"", "more_body": False}


class _Capture:
    """Takes a response in, up to the size of a page."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.body = bytearray()
        self.is_whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(bytes(name), bytes(value)) for name, value in message["headers"]]
        elif message["type"] == "http.response.body" and len(self.body) <= rules.MAX_PAGE_BYTES:
            self.body += message.get("body", b"")
            self.is_whole = not message.get("more_body", False) and len(self.body) <= rules.MAX_PAGE_BYTES


async def _send_page(found: Page, method: str, asked: dict[bytes, bytes], send: Send) -> None:
    takes_gzip = b"gzip" in asked.get(b"accept-encoding", b"") and len(found.gzipped) < len(found.body)
    etag = b'"' + found.etag + (b"-gz" if takes_gzip else b"") + b'"'
    headers = [
        *found.headers,
        (b"etag", etag),
        (b"cache-control", b"public, max-age=0, must-revalidate"),
        (b"vary", b"Accept-Encoding, Cookie"),
    ]
    body = found.gzipped if takes_gzip else found.body
    if etag in asked.get(b"if-none-match", b"").replace(b"W/", b""):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    if takes_gzip:
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
