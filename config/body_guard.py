"""Refuses a request body that is too large, or that the disk has no room for, before it is taken in."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language_from_path, override
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accounts.errors import PersonError
from accounts.wording import as_json
from cms.core.errors import SessionExpired
from config.errors import BodyTooLarge, DiskFull, is_disk_full, plain_page, wants_json

COPIES_ON_DISK = 2
"""A body is spooled to disk once as it comes in and once more as a file of the form."""
DISK_RESERVE_BYTES = 256 * 1024 * 1024
"""Room that uploads leave to the database and the logs."""
UPLOAD_PREFIX = "/admin/"
_LOOK_AGAIN_BYTES = 16 * 1024 * 1024
"""How much of a body is taken in between two looks at the free space."""


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes: for anybody, and for uploads of somebody who may use the admin."""

    anybody: int
    staff: int


MayUpload = Callable[[str], Awaitable[bool]]
"""Tells from a `Cookie` header whether a person who may use the admin is signed in."""


class _TooLarge(Exception):
    """A body without a declared length went past its limit."""


class _NoRoom(Exception):
    """The disk filled while a body came in."""


def free_bytes(folder: Path) -> int:
    """Free space of the file system that holds `folder`."""
    return shutil.disk_usage(folder).free


class BodyGuard:
    """ASGI layer; the view's own rights are checked later, this only protects memory and disk.

    Args:
        may_upload: asked only for a body that is larger than anybody may send, or that hides its length.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: Limits,
        folder: Path,
        may_upload: MayUpload,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._app = app
        self._limits = limits
        self._folder = folder
        self._may_upload = may_upload
        self._free = free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        length = _declared(Headers(scope=scope))
        limit = await self._limit(scope, length)
        error = self._refusal(length or 0, limit)
        if isinstance(error, BodyTooLarge) and self._is_signed_out(scope, length or 0, limit):
            error = SessionExpired()
        if error is not None:
            if limit == self._limits.staff:
                await _drain(receive, limit)
            await _answer(error, scope, receive, send)
            return
        await self._pass_on(scope, receive, send, limit)

    async def _limit(self, scope: Scope, length: int | None) -> int:
        is_small = length is not None and length <= self._limits.anybody
        if is_small or not scope["path"].startswith(UPLOAD_PREFIX):
            return self._limits.anybody
        cookie = Headers(scope=scope).get("cookie", "")
        return self._limits.staff if await self._may_upload(cookie) else self._limits.anybody

    def _is_signed_out(self, scope: Scope, length: int, limit: int) -> bool:
        """Whether a program of the admin was refused only for want of a session; it goes on after signing in."""
        is_known = limit == self._limits.staff or length > self._limits.staff
        return not is_known and scope["path"].startswith(UPLOAD_PREFIX) and _is_program(scope)

    def _refusal(self, length: int, limit: int) -> PersonError | None:
        if length > limit:
            return BodyTooLarge(limit=readable(limit))
        if length > 1024 * 1024 and length * COPIES_ON_DISK + DISK_RESERVE_BYTES > self._free(self._folder):
            return DiskFull()
        return None

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        taken = looked_at = 0
        is_answered = False

        async def counted() -> Message:
            nonlocal taken, looked_at
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _TooLarge
            if taken - looked_at >= _LOOK_AGAIN_BYTES:
                looked_at = taken
                if self._free(self._folder) < DISK_RESERVE_BYTES:
                    raise _NoRoom
            return message

        async def noted(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            await _answer(BodyTooLarge(limit=readable(limit)), scope, receive, send)
        except _NoRoom:
            await _answer(DiskFull(), scope, receive, send)
        except OSError as error:
            if is_answered or not is_disk_full(error):
                raise
            await _answer(DiskFull(), scope, receive, send)


def _declared(headers: Headers) -> int | None:
    """The length that the request says its body has; None where it says none (chunks)."""
    said = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (said.isascii() and said.isdigit()):
        return None
    return int(said[:18])


async def _drain(receive: Receive, limit: int) -> None:
    """Throw the body away as it comes: a browser shows an answer only after it has sent all."""
    taken = 0
    while taken <= limit:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


def _is_program(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    is_script = "x-requested-with" in headers or "tus-resumable" in headers
    return is_script or wants_json(scope["path"], headers.get("accept", ""))


async def _answer(error: PersonError, scope: Scope, receive: Receive, send: Send) -> None:
    if _is_program(scope):
        response: Response = JSONResponse(as_json(error), error.http_status)
    else:
        with override(get_language_from_path(scope["path"]) or settings.LANGUAGE_CODE):
            response = HTMLResponse(plain_page(error), error.http_status)
    response.headers["Cache-Control"] = "no-store"
    await response(scope, receive, send)


def readable(size: int) -> str:
    """A size in MB or GB, as people say it."""
    return f"{size / 1024**3:.0f} GB" if size >= 1024**3 else f"{size / 1024**2:.0f} MB"
