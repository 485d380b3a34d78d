"""JSON for uploads straight to the bucket, below /admin/lessons/uploads/direct/ (docs/adr/0007-tus-uploads.md); POST.

start {name, length, head} → {ticket, part_bytes, parts};
parts {ticket, digests: {number: sha256}} → {addresses: {number: address}};
arrived {ticket} → {arrived: [numbers]}; finish {ticket, sha256, kind} → {id, title, edit_url}; abort {ticket} → {}.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.models import Collection
from wagtail.permissions import policy_registry

from accounts.errors import PersonError
from cms.core import sniff, uploads
from cms.core.errors import NotPermitted
from cms.core.models import LectureMedia
from media_pipeline import direct_upload
from media_pipeline.direct_upload import (
    DirectUploads,
    DirectUploadUnavailable,
    DirectUploadUnknown,
    Ticket,
    configured_uploads,
    read_ticket,
)
from media_pipeline.errors import MediaError
from media_pipeline.locks import shared_lock
from media_pipeline.models import MediaSource
from media_pipeline.objects_s3 import configured_bucket
from media_pipeline.services import request_transcode

MAX_BODY = 64 * 1024
Document = dict[str, Any]


class DirectUploadAsked(MediaError):
    """A request that the endpoint cannot read."""

    code = "direct-upload-request"
    message_zh = "请求格式不对。请刷新页面后再试。"
    message_en = "The request is malformed. Reload the page and try again."


class StoreAway(MediaError):
    """The object store did not answer."""

    code = "store-away"
    http_status = 503
    message_zh = "对象存储暂时连不上，已传的部分都在。请稍后继续。"
    message_en = "The object store does not answer; what has been sent is kept. Go on a little later."


def is_offered() -> bool:
    """Whether browsers send recordings straight to the bucket here; else they speak tus."""
    try:
        configured_uploads(uploads.limit_bytes())
    except DirectUploadUnavailable:
        return False
    return bool(settings.S3_PUBLIC_ENDPOINT)


def _document(request: HttpRequest) -> Document:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        raise DirectUploadAsked
    try:
        document = json.loads(request.read(MAX_BODY))
    except (ValueError, RecursionError) as error:
        raise DirectUploadAsked from error
    if not isinstance(document, dict):
        raise DirectUploadAsked
    return document


def _endpoint(answer: Callable[[DirectUploads, Document, HttpRequest], Document]) -> Callable[[HttpRequest], Any]:
    """Who may add media may call it; anticipated failures become JSON."""

    @never_cache
    @require_POST
    def view(request: HttpRequest) -> HttpResponseBase:
        try:
            if not policy_registry.get_by_type(LectureMedia).user_has_permission(request.user, "add"):
                raise NotPermitted
            return JsonResponse(answer(configured_uploads(uploads.limit_bytes()), _document(request), request))
        except (MediaError, PersonError) as error:
            return JsonResponse(error.as_dict(), status=error.http_status)
        except (AttributeError, KeyError, TypeError, ValueError):
            return JsonResponse(DirectUploadAsked().as_dict(), status=400)
        except OSError:
            return JsonResponse(StoreAway().as_dict(), status=503)

    return view


def _ticket(document: Document, request: HttpRequest) -> Ticket:
    return read_ticket(str(document["ticket"]), owner=str(request.user.pk))


def _start(direct: DirectUploads, document: Document, request: HttpRequest) -> Document:
    name = str(document["name"])
    if document["length"]:
        # Said before hours are spent on sending it; looked at again when all is there.
        uploads.check_head(base64.b64decode(str(document["head"]), validate=True)[: sniff.HEAD_BYTES], name=name)
    ticket = direct.start(owner=str(request.user.pk), name=name, length=int(document["length"]))
    return {"ticket": ticket.signed(), "part_bytes": direct_upload.PART_BYTES, "parts": ticket.parts}


def _parts(direct: DirectUploads, document: Document, request: HttpRequest) -> Document:
    digests = {int(number): str(sha256) for number, sha256 in document["digests"].items()}
    return {"addresses": direct.part_addresses(_ticket(document, request), digests)}


def _arrived(direct: DirectUploads, document: Document, request: HttpRequest) -> Document:
    return {"arrived": sorted(direct.arrived(_ticket(document, request)))}


def _finish(direct: DirectUploads, document: Document, request: HttpRequest) -> Document:
    """Asked again after a lost answer, it says the same."""
    ticket, sha256 = _ticket(document, request), str(document["sha256"])
    kind = "audio" if document.get("kind") == "audio" else "video"
    source: MediaSource | None
    try:
        source = direct.complete(
            ticket, sha256=sha256, check_head=lambda head: uploads.check_head(head, name=ticket.name)
        )
    except DirectUploadUnknown:
        source = MediaSource.objects.filter(sha256=sha256).first()
        if source is None or _media_of(source, ticket, request) is None:
            raise
    with shared_lock(f"media-{ticket.key}"):
        media = _media_of(source, ticket, request) or _make_media(source, ticket, kind, request)
    return {"id": media.pk, "title": media.title, "edit_url": reverse("wagtailmedia:edit", args=[media.pk])}


def _media_of(source: MediaSource, ticket: Ticket, request: HttpRequest) -> LectureMedia | None:
    """What this person's upload of these bytes became already."""
    own = LectureMedia.objects.filter(media_source=source, uploaded_by_user=request.user, title=_title(ticket))
    return own.order_by("-pk").first()


def _make_media(source: MediaSource, ticket: Ticket, kind: str, request: HttpRequest) -> LectureMedia:
    """An entry of the library with a file of its own, which the store copies: deleting it breaks no source."""
    media = LectureMedia(uploaded_by_user=request.user, type=kind, title=_title(ticket), media_source=source)
    policy = policy_registry.get_by_type(LectureMedia)
    collection = policy.collections_user_has_permission_for(request.user, "add").first()
    media.collection = collection or Collection.get_first_root_node()
    field = LectureMedia._meta.get_field("file")
    name = default_storage.get_available_name(field.generate_filename(media, PurePath(ticket.name).name))
    configured_bucket().copy(source.storage_name, name)
    media.file.name = name
    media.save()
    request_transcode(source)
    return media


def _title(ticket: Ticket) -> str:
    return PurePath(ticket.name).stem[:255] or ticket.name


def _abort(direct: DirectUploads, document: Document, request: HttpRequest) -> Document:
    direct.abort(_ticket(document, request))
    return {}


start = _endpoint(_start)
parts = _endpoint(_parts)
arrived = _endpoint(_arrived)
finish = _endpoint(_finish)
abort = _endpoint(_abort)
