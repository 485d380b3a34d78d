"""JSON for the admin's uploads straight to the bucket (below /admin/media-pipeline/direct/); POST, in one shape.

start {name, length} → {ticket, part_bytes, parts}; parts {ticket, numbers} → {addresses: {number: address}};
arrived {ticket} → {arrived: [numbers]}; complete {ticket, sha256} → {source}; abort {ticket} → {}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_denied
from wagtail.permissions import policy_registry
from wagtailmedia.models import get_media_model

from media_pipeline.api import may_see
from media_pipeline.direct_upload import PART_BYTES, DirectUploads, Ticket, configured_uploads, read_ticket
from media_pipeline.errors import MediaError

MAX_BODY = 64 * 1024
MAX_NUMBERS = 100
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


def _document(request: HttpRequest) -> Document:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        raise DirectUploadAsked
    try:
        document = json.loads(request.read(MAX_BODY))
    except ValueError as error:
        raise DirectUploadAsked from error
    if not isinstance(document, dict):
        raise DirectUploadAsked
    return document


def _endpoint(answer: Callable[[DirectUploads, Document, str], Document]) -> Callable[[HttpRequest], Any]:
    """Who may add media may call it; anticipated failures become JSON."""

    @never_cache
    @require_POST
    def view(request: HttpRequest) -> Any:
        policy = policy_registry.get_by_type(get_media_model())
        if not may_see(request) or not policy.user_has_permission(request.user, "add"):
            return permission_denied(request)
        try:
            uploads = configured_uploads(settings.MAX_UPLOAD_BYTES)
            return JsonResponse(answer(uploads, _document(request), str(request.user.pk)))
        except MediaError as error:
            return JsonResponse(error.as_dict(), status=error.http_status)
        except (KeyError, TypeError, ValueError):
            return JsonResponse(DirectUploadAsked().as_dict(), status=400)
        except OSError:
            return JsonResponse(StoreAway().as_dict(), status=503)

    return view


def _ticket(document: Document, owner: str) -> Ticket:
    return read_ticket(str(document["ticket"]), owner=owner)


def _start(uploads: DirectUploads, document: Document, owner: str) -> Document:
    ticket = uploads.start(owner=owner, name=str(document["name"]), length=int(document["length"]))
    return {"ticket": ticket.signed(), "part_bytes": PART_BYTES, "parts": ticket.parts}


def _parts(uploads: DirectUploads, document: Document, owner: str) -> Document:
    numbers = [int(number) for number in document["numbers"]][:MAX_NUMBERS]
    return {"addresses": uploads.part_addresses(_ticket(document, owner), numbers)}


def _arrived(uploads: DirectUploads, document: Document, owner: str) -> Document:
    return {"arrived": sorted(uploads.arrived(_ticket(document, owner)))}


def _complete(uploads: DirectUploads, document: Document, owner: str) -> Document:
    source = uploads.complete(_ticket(document, owner), sha256=str(document["sha256"]))
    return {"source": source.pk, "sha256": source.sha256}


def _abort(uploads: DirectUploads, document: Document, owner: str) -> Document:
    uploads.abort(_ticket(document, owner))
    return {}


start = _endpoint(_start)
parts = _endpoint(_parts)
arrived = _endpoint(_arrived)
complete = _endpoint(_complete)
abort = _endpoint(_abort)
