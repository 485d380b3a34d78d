"""Files that anybody may read, served from the event loop: the public tree and the static files.

A slow phone costs a socket and a file handle here, never a thread (docs/adr/0002-asgi.md). The public tree is
`/b/` (objects named by their SHA-256), `/tuf/` (signed metadata) and `/pkg/` (signed targets); docs/spec describes it.
"""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "public, no-cache"

OBJECT_PATH = re.compile(r"/b/([0-9a-f]{2})/(\1[0-9a-f]{62})")
SIGNED_PATH = re.compile(r"/(?:tuf|pkg)(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}){1,4}")
IMMUTABLE_SIGNED = re.compile(r"/(?:tuf/metadata/\d+\.[A-Za-z0-9-]+\.json|pkg/.*/[0-9a-f]{64}\.[^/]+)")
HASHED_STATIC = re.compile(r"\.[0-9a-f]{12}\.")
STATIC_PATH = re.compile(r"(?:[A-Za-z0-9_@-][A-Za-z0-9._@+-]*/)*[A-Za-z0-9_@-][A-Za-z0-9._@+-]*")

SERVED_TYPES = frozenset(
    {
        "application/json",
        "application/msword",
        "application/pdf",
        "application/vnd.apple.mpegurl",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "audio/mp4",
        "audio/ogg",
        "audio/webm",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/plain",
        "text/vtt",
        "video/mp4",
        "video/webm",
    }
)
"""Types that `?type=` may ask for: none of them is run by a browser as a page or a script of this site."""

_CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
MISSING = "没有这个文件 / No such file\n"
_INERT = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
OPEN_HEADERS = {**_INERT, **_CROSS_ORIGIN}
"""For what scripts of every site may read, and no browser may run."""


@dataclass(frozen=True)
class FoundFile:
    """A file to send and how."""

    path: Path
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


class FileServer:
    """An ASGI application over a function that turns a request into a file, or None when there is none."""

    def __init__(self, find: Callable[[Scope], FoundFile | None], *, cross_origin: bool) -> None:
        self._find = find
        self._common = OPEN_HEADERS if cross_origin else {"X-Content-Type-Options": "nosniff"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._respond(scope)
        await response(scope, receive, send)

    def _respond(self, scope: Scope) -> Response:
        early = preflight(scope["method"], self._common)
        if early is not None:
            return early
        found = self._find(scope)
        try:
            status = found.path.stat() if found else None
        except OSError:
            status = None
        if found is None or status is None:
            return PlainTextResponse(MISSING, 404, {"Cache-Control": "no-store", **self._common})
        headers = {**self._common, **found.headers}
        headers.setdefault("ETag", f'"{status.st_mtime_ns:x}-{status.st_size:x}"')
        if etag_matches(Headers(scope=scope).get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return FileResponse(found.path, headers=headers, media_type=found.media_type, stat_result=status)


def preflight(method: str, headers: dict[str, str] = OPEN_HEADERS) -> Response | None:
    """The answer to a method other than GET and HEAD."""
    if method == "OPTIONS":
        allow = {
            "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match",
            "Access-Control-Max-Age": "86400",
        }
        return Response(status_code=204, headers={**headers, **allow})
    if method not in {"GET", "HEAD"}:
        return PlainTextResponse("Method not allowed", 405, {"Allow": "GET, HEAD, OPTIONS", **headers})
    return None


def etag_matches(if_none_match: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names the tag."""
    if not if_none_match:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def public_tree(root: Path) -> FileServer:
    """Serves `/b/`, `/tuf/` and `/pkg/` out of `root`, and nothing else that may lie there."""

    def find(scope: Scope) -> FoundFile | None:
        path = scope["path"]
        if match := OBJECT_PATH.fullmatch(path):
            prefix, sha256 = match.groups()
            headers = {"Cache-Control": FOREVER, "ETag": f'"{sha256}"'}
            return _regular(root / "b" / prefix / sha256, asked_type(scope["query_string"]), headers)
        if SIGNED_PATH.fullmatch(path):
            forever = IMMUTABLE_SIGNED.fullmatch(path)
            headers = {"Cache-Control": FOREVER if forever else REVALIDATE}
            return _regular(root / path.lstrip("/"), "application/json", headers)
        return None

    return FileServer(find, cross_origin=True)


def asked_type(query_string: bytes) -> str:
    """The media type of `?type=`, when it is one of SERVED_TYPES; its parameters (codecs) are dropped."""
    try:
        query = parse_qs(query_string.decode("ascii"), max_num_fields=8)
    except (UnicodeDecodeError, ValueError):
        return "application/octet-stream"
    asked = query.get("type", [""])[-1].split(";")[0].strip().lower()
    return asked if asked in SERVED_TYPES else "application/octet-stream"


def _regular(path: Path, media_type: str, headers: dict[str, str]) -> FoundFile | None:
    return FoundFile(path, media_type, headers) if path.is_file() else None


def static_files(prefix: str, root: Path, fallback: Callable[[str], str | None] | None = None) -> FileServer:
    """Serves collected static files, the ready-compressed form where the client takes it.

    `fallback` finds the source of a file that was not collected (a development convenience).
    """

    def find(scope: Scope) -> FoundFile | None:
        name = scope["path"].removeprefix(prefix)
        if not STATIC_PATH.fullmatch(name):
            return None
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {
            "Cache-Control": FOREVER if HASHED_STATIC.search(name) else "public, max-age=60",
            "Vary": "Accept-Encoding",
        }
        path = root / name
        if "gzip" in Headers(scope=scope).get("accept-encoding", "") and os.path.isfile(f"{path}.gz"):  # noqa: PTH113
            headers["Content-Encoding"] = "gzip"
            return FoundFile(Path(f"{path}.gz"), media_type, headers)
        if path.is_file():
            return FoundFile(path, media_type, headers)
        source = fallback(name) if fallback else None
        return FoundFile(Path(source), media_type, {"Cache-Control": "no-cache"}) if source else None

    return FileServer(find, cross_origin=False)
