"""Refuses a request body that is too large, or that the disk has no room for, before it is taken in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accounts.errors import PersonError
from config.errors import BodyTooLarge, DiskFull, is_disk_full, plain_page, wants_json

COPIES_ON_DISK = 2
"""A body is spooled to disk once as it comes in and once more as a file of the form."""
DISK_RESERVE_BYTES = 256 * 1024 * 1024
"""Room that uploads leave to the database and the logs."""
UPLOAD_PREFIX = "/admin/"


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes: for anybody, and for uploads of somebody with a session."""

    anybody: int
    staff: int


class _TooLarge(Exception):
    """A body without a declared length went past its limit."""


def free_bytes(folder: Path) -> int:
    """Free space of the file system that holds `folder`."""
    return shutil.disk_usage(folder).free


class BodyGuard:
    """ASGI layer; the view's own rights are checked later, this only protects memory and disk."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: Limits,
        folder: Path,
        session_cookie: str,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._app = app
        self._limits = limits
        self._folder = folder
        self._session_cookie = f"{session_cookie}="
        self._free = free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_staff = scope["path"].startswith(UPLOAD_PREFIX) and self._session_cookie in headers.get("cookie", "")
        limit = self._limits.staff if is_staff else self._limits.anybody
        error = self._refusal(headers.get("content-length"), limit)
        if error is not None:
            if is_staff:
                await _drain(receive, self._limits.staff)
            await _answer(error, scope, receive, send)
            return
        await self._pass_on(scope, receive, send, limit)

    def _refusal(self, content_length: str | None, limit: int) -> PersonError | None:
        length = int(content_length) if content_length and content_length.isdecimal() else 0
        if length > limit:
            return BodyTooLarge(limit=readable(limit))
        if length > 1024 * 1024 and length * COPIES_ON_DISK + DISK_RESERVE_BYTES > self._free(self._folder):
            return DiskFull()
        return None

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        taken = 0
        is_answered = False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            await _answer(BodyTooLarge(limit=readable(limit)), scope, receive, send)
        except OSError as error:
            if is_answered or not is_disk_full(error):
                raise
            await _answer(DiskFull(), scope, receive, send)


async def _drain(receive: Receive, limit: int) -> None:
    """Throw the body away as it comes: a browser shows an answer only after it has sent all."""
    taken = 0
    while taken <= limit:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


async def _answer(error: PersonError, scope: Scope, receive: Receive, send: Send) -> None:
    headers = Headers(scope=scope)
    is_program = wants_json(scope["path"], headers.get("accept", "")) or "x-requested-with" in headers
    response: Response = (
        JSONResponse(error.as_dict(), error.http_status)
        if is_program
        else HTMLResponse(plain_page(error), error.http_status)
    )
    response.headers["Cache-Control"] = "no-store"
    await response(scope, receive, send)


def readable(size: int) -> str:
    """A size in MB or GB, as people say it."""
    return f"{size / 1024**3:.0f} GB" if size >= 1024**3 else f"{size / 1024**2:.0f} MB"
