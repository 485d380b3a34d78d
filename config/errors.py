"""Turning failures into an answer that says, in Chinese and English, what to do next."""

from __future__ import annotations

import contextlib
import errno
import logging
import sqlite3
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.html import escape

from accounts.errors import PersonError
from accounts.wording import TIBETAN, as_json, wording

logger = logging.getLogger(__name__)

PAGE = "errors/person_error.html"
DRAFT = "བོད་ཡིག་ཟིན་བྲིས། 藏文为草稿，待审校。"
"""That nobody has checked the Tibetan yet, for a page without templates."""


class BadRequest(PersonError):
    code = "bad-request"
    message_zh = "这个请求我们看不懂。请回到上一页，刷新后再试。"
    message_en = "We could not read this request. Go back, reload the page and try again."


class Forbidden(PersonError):
    code = "forbidden"
    http_status = 403
    message_zh = "您的账号不能做这件事。请换用有权限的账号登录，或请上级党组织办理。"
    message_en = "Your account may not do this. Sign in with an account that may, or ask the organisation above yours."


class NotFound(PersonError):
    code = "not-found"
    http_status = 404
    message_zh = "没有这个页面。它可能已经撤下或换了地址，请到首页或用“找”来查。"
    message_en = "There is no such page. It may have been taken down or moved: start from the home page, or search."


class ServerError(PersonError):
    code = "server-error"
    http_status = 500
    message_zh = "服务器出了问题，您的数据没有丢。请过几分钟再试；仍不行，请告诉管理员时间和网址。"
    message_en = (
        "The server had a problem; nothing of yours is lost. Try again in a few minutes; "
        "if it goes on, tell the administrator the time and the address."
    )


class FormExpired(PersonError):
    code = "form-expired"
    http_status = 403
    message_zh = "这一页开得太久，或者登录已经变了，所以没有提交。请回到上一页，刷新，再提交一次。"
    message_en = "This page was open too long or the sign-in changed: nothing was sent. Go back, reload, send again."


class CookiesOff(FormExpired):
    code = "cookies-off"
    message_zh = "浏览器没有保存本站的 Cookie，所以没有提交。请允许本站 Cookie，刷新页面，再提交一次。"
    message_en = "The browser kept no cookie of this site, so nothing was sent. Allow cookies, reload and send again."


class BodyTooLarge(PersonError):
    code = "body-too-large"
    http_status = 413
    message_zh = "文件太大：这里最多 {limit}。请先登录后台再上传，或把文件分成几个。"
    message_en = "Too large: at most {limit} here. Sign in to the admin before uploading, or split the file."


class DiskFull(PersonError):
    code = "disk-full"
    http_status = 507
    message_zh = "服务器磁盘空间不够，文件没有保存，已有的内容没有受影响。请告诉管理员清理或加大磁盘后再上传。"
    message_en = (
        "The server's disk has too little room: the file was not saved and nothing else was touched. "
        "Ask the administrator to free or add space, then upload again."
    )


def wants_json(path: str, accept: str) -> bool:
    """Whether the answer goes to a program."""
    return path.startswith("/api/") or (accept.startswith("application/json") and "text/html" not in accept)


def respond(request: HttpRequest, error: PersonError) -> HttpResponse:
    """The error as JSON or as a page; never cached by anybody."""
    if wants_json(request.path, request.headers.get("accept", "")):
        response: HttpResponse = JsonResponse(as_json(error), status=error.http_status)
    else:
        response = HttpResponse(_page(request, error), status=error.http_status)
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, error: PersonError) -> str:
    if error.http_status >= 500:
        return plain_page(error)
    context = {"error": error, "words": wording(error), "status": error.http_status}
    try:
        return render_to_string(PAGE, context, request=request)
    except TemplateDoesNotExist:
        return plain_page(error)


def plain_page(error: PersonError) -> str:
    """A page that needs no database, template or style sheet."""
    words = wording(error)
    draft = f"<p>{DRAFT}</p>" if words.language == TIBETAN else ""
    return (
        f'<!doctype html><html lang="{words.language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{error.http_status}</title><h1>{error.http_status}</h1>"
        f'<p>{escape(words.text)}</p><p lang="en">{escape(words.english)}</p>{draft}'
        '<p><a href="/">首页 / Home</a></p></html>'
    )


class PersonErrorMiddleware:
    """Answers a PersonError that a view let through, and a full disk."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, PersonError):
            return respond(request, exception)
        if is_disk_full(exception):
            logger.error("disk full at %s", request.path)
            return respond(request, DiskFull())
        if isinstance(exception, MultiPartParserError):
            return respond(request, BadRequest())
        return None


class FormIntakeMiddleware:
    """Takes a form's files in where a full disk can still be told.

    Django would do so while it looks for the form's token, where a failure can only become a server error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.content_type == "multipart/form-data":
            try:
                _ = request.POST
            except UnreadablePostError:
                pass  # The sender hung up: whoever reads the form next sees that too.
            except OSError as error:
                if not is_disk_full(error):
                    raise
                logger.error("disk full at %s", request.path)
                _drop_what_was_taken(request)
                return respond(request, DiskFull())
        return self._get_response(request)


def _drop_what_was_taken(request: HttpRequest) -> None:
    """Remove the half-written file now: Django leaves it to the garbage collector, and the disk is full."""
    for handler in request.upload_handlers:
        # Closing writes what is still buffered, which fails again; the file is removed all the same.
        with contextlib.suppress(OSError):
            handler.upload_interrupted()


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""No space; none left of the person's share; a file larger than the file system or the process may have."""
_POSTGRES_DISK_FULL = "53100"


def is_disk_full(exception: BaseException) -> bool:
    """Whether the exception, or one it came from, is the system's or the database's word for no space."""
    current: BaseException | None = exception
    while current is not None:
        if isinstance(current, OSError) and current.errno in _NO_ROOM:
            return True
        if getattr(current, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return True
        if getattr(current, "sqlstate", None) == _POSTGRES_DISK_FULL:
            return True
        current = current.__cause__
    return False


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400."""
    return respond(request, BadRequest())


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    return respond(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404."""
    return respond(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: the request may be what broke, so nothing of it is used beyond its path."""
    return respond(request, ServerError())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Says what to do when a form was not accepted (settings.CSRF_FAILURE_VIEW)."""
    logger.warning("csrf: %s at %s", reason, request.path)
    has_cookie = settings.CSRF_COOKIE_NAME in request.COOKIES
    is_missing = reason == REASON_NO_CSRF_COOKIE and not has_cookie and not request.COOKIES
    return respond(request, CookiesOff() if is_missing else FormExpired())
