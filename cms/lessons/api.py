"""JSON for the progress panel and the uploader. Errors have the one shape of `PersonError.as_dict`."""

from __future__ import annotations

import functools
import mimetypes
import re
from collections.abc import Callable
from typing import Any

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from wagtail.permissions import policy_registry

from accounts.errors import PersonError
from cms.core.errors import NotPermitted
from cms.core.models import LectureMedia
from cms.core.services import ingest_media
from cms.lessons import documents
from cms.lessons.errors import MediaNotFound
from media_pipeline import services as pipeline
from media_pipeline.models import Rendition
from media_pipeline.objects import default_store
from media_pipeline.selectors import job_status, latest_job

LONGEST_ANNOUNCEMENT = 16 * 1024
SIGNED_FOR_S = 3600
"""How long a preview's signed address is good: a lesson is watched within it."""
"""Bytes."""
View = Callable[..., HttpResponseBase]
OBJECT_TYPES = frozenset({"video/mp4", "audio/mp4", "text/vtt", "application/json", *documents.TYPES.values()})


def json_errors(view: View) -> View:
    """Answer a `PersonError` with its JSON and status."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except PersonError as error:
            return JsonResponse(error.as_dict(), status=error.http_status)

    return wrapped


def _require(user: Any, action: str, media: LectureMedia | None = None) -> None:
    policy = policy_registry.get_by_type(LectureMedia)
    allowed = (
        policy.user_has_permission(user, action)
        if media is None
        else policy.user_has_permission_for_instance(user, action, media)
    )
    if not allowed:
        raise NotPermitted


def _owner(request: HttpRequest) -> int:
    """Whose upload it is; the admin lets nobody in without an account."""
    if request.user.pk is None:
        raise NotPermitted
    return request.user.pk


def _media(media_id: int) -> LectureMedia:
    media = LectureMedia.objects.select_related("media_source").filter(pk=media_id).first()
    if media is None:
        raise MediaNotFound
    return media


@require_GET
@json_errors
def status(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """How far the transcode of a media item is; anybody in the admin may look (reviewers do)."""
    return JsonResponse(_status_of(_media(media_id)), headers={"Cache-Control": "no-store"})


def _status_of(media: LectureMedia) -> dict[str, Any]:
    common = {"id": media.pk, "title": media.title, "type": media.type}
    source = media.media_source
    if source is None:
        return {
            **common, "state": "unregistered", "state_label": "等待登记", "progress": 0, "step": "", "eta_s": None,
            "error": None, "can_cancel": False, "can_retry": True, "renditions": [], "finished": False,
        }  # fmt: skip
    found = job_status(source)
    error = None
    if found.error_code:
        error = {"code": found.error_code, "message": found.error_message, "message_en": found.error_message_en}
    return {
        **common,
        "state": found.state,
        "state_label": found.state_label or "等待转码",
        "progress": found.progress,
        "step": found.step,
        "eta_s": found.eta_s,
        "error": error,
        "can_cancel": found.can_cancel,
        "can_retry": found.can_retry,
        "finished": found.state in ("published", "failed", "cancelled"),
        "renditions": [_rung(rendition) for rendition in found.renditions],
    }


def _rung(rendition: Rendition) -> dict[str, Any]:
    kind = rendition.mime.split(";")[0]
    return {
        "name": rendition.name,
        "kind": rendition.kind,
        "label": str(rendition.get_kind_display()),
        "length": rendition.length,
        "height": rendition.height,
        "duration_s": rendition.duration_s,
        "url": f"{reverse('lessons_media:object', args=[rendition.sha256])}?type={kind.replace('/', '%2F')}",
    }


@require_POST
@json_errors
def cancel(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """Stop the transcode."""
    media = _media(media_id)
    _require(request.user, "change", media)
    job = latest_job(media.media_source) if media.media_source else None
    if job is not None:
        pipeline.cancel(job)
    return JsonResponse(_status_of(_media(media_id)))


@require_POST
@json_errors
def retry(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """Transcode again, or register a file that did not reach the pipeline."""
    media = _media(media_id)
    _require(request.user, "change", media)
    job = latest_job(media.media_source) if media.media_source else None
    if job is None:
        try:
            ingest_media(media)
        except FileNotFoundError as error:
            raise MediaNotFound from error
    else:
        pipeline.retry(job)
    return JsonResponse(_status_of(_media(media_id)))


@require_GET
def media_object(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """A private rendition for staff (previews before publication), with byte ranges."""
    store = default_store()
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not store.exists(sha256):
        raise Http404
    kind = request.GET.get("type", "")
    if kind not in OBJECT_TYPES:
        kind = mimetypes.types_map[".bin"]
    address = store.signed_url(sha256, kind, SIGNED_FOR_S)
    if address is not None:
        # The store sends it; the address is of use to nobody for long.
        return HttpResponseRedirect(address, headers={"Cache-Control": "no-store"})
    return ranged(request, store, sha256, kind)


def ranged(request: HttpRequest, store: Any, sha256: str, kind: str) -> HttpResponseBase:
    """The object or the one range of it that was asked for (RFC 9110 §14)."""
    size = store.size(sha256)
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", "").strip())
    reader = store.open(sha256)
    if asked is None or asked.groups() == ("", ""):
        return FileResponse(reader, content_type=kind, headers=headers)
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        reader.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    reader.seek(start)
    response = FileResponse(_Window(reader, end - start + 1), status=206, content_type=kind, headers=headers)
    response["Content-Length"] = str(end - start + 1)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


class _Window:
    """A reader that ends after `length` bytes."""

    def __init__(self, reader: Any, length: int) -> None:
        self._reader = reader
        self._left = length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        content = self._reader.read(wanted)
        self._left -= len(content)
        return content

    def close(self) -> None:
        self._reader.close()
