"""Public objects that lie in a bucket, sent by range from the event loop.

Production has nginx or a CDN in front that asks the bucket itself (deploy/nginx.conf); this answers the same addresses
where neither is there. Between two pieces no thread and no connection to the store is held, however slow the phone.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from config.public_files import FOREVER, MISSING, OBJECT_PATH, OPEN_HEADERS, asked_type, etag_matches, preflight

PIECE = 512 * 1024
"""Bytes asked of the store at once, and so the memory one phone takes."""
_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Objects(Protocol):
    """Where the public objects lie; both methods raise OSError where it cannot be reached."""

    def length(self, sha256: str) -> int | None:
        """Bytes of the object, or None if it is not public."""

    def read(self, sha256: str, start: int, length: int) -> bytes:
        """Some of its bytes."""


def one_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte (both included) that a Range header asks for (RFC 9110 §14.1.2).

    None where the whole is to be sent: no header, several ranges, another unit. What begins behind the end comes back
    with a first byte that is not below `size`.
    """
    asked = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (size, size)
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last), size - 1) if last else size - 1


class PublicObjects:
    """An ASGI application for `/b/<aa>/<sha256>`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(scope)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope) -> Response:
        early = preflight(scope["method"])
        if early is not None:
            return early
        found = OBJECT_PATH.fullmatch(scope["path"])
        try:
            size = await run_in_threadpool(self._objects.length, found[2]) if found else None
        except OSError:
            away = {"Cache-Control": "no-store", "Retry-After": "10", **OPEN_HEADERS}
            return PlainTextResponse("暂时取不到，请稍后再试 / Try again later\n", 503, away)
        if found is None or size is None:
            return PlainTextResponse(MISSING, 404, {"Cache-Control": "no-store", **OPEN_HEADERS})
        return self._found(scope, found[2], size)

    def _found(self, scope: Scope, sha256: str, size: int) -> Response:
        asked, etag = Headers(scope=scope), f'"{sha256}"'
        headers = {**OPEN_HEADERS, "Cache-Control": FOREVER, "ETag": etag, "Accept-Ranges": "bytes"}
        if etag_matches(asked.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        start, end, status = 0, size - 1, 200
        wanted = one_range(asked.get("range"), size) if asked.get("if-range") in {None, etag} else None
        if wanted is not None:
            start, end = wanted
            status = 206
            if start >= size:
                return Response(status_code=416, headers={**OPEN_HEADERS, "Content-Range": f"bytes */{size}"})
            headers["Content-Range"] = f"bytes {start}-{end}/{size}"
        headers["Content-Length"] = str(end - start + 1)
        media_type = asked_type(scope["query_string"])
        if scope["method"] == "HEAD":
            return Response(status_code=status, headers=headers, media_type=media_type)
        return StreamingResponse(self._pieces(sha256, start, end + 1), status, headers, media_type)

    async def _pieces(self, sha256: str, start: int, end: int) -> AsyncIterator[bytes]:
        while start < end:
            piece = await run_in_threadpool(self._objects.read, sha256, start, min(PIECE, end - start))
            if not piece:
                raise OSError(f"{sha256} ended early")
            yield piece
            start += len(piece)
