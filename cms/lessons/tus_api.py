"""Uploads by tus 1.0.0 below /admin/: behind its session and its CSRF token, each upload its owner's alone."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from wagtail.models import Collection
from wagtail.permissions import policy_registry
from wagtailmedia.forms import get_media_form

from accounts.errors import PersonError
from cms.core import uploads
from cms.core.errors import NotPermitted
from cms.core.models import LectureMedia
from cms.lessons import resumable, tus
from cms.lessons.api import json_errors
from cms.lessons.errors import (
    PieceTypeWrong,
    TusVersionUnknown,
    UploadInvalid,
    UploadNotFound,
    UploadOutOfStep,
    UploadUnreadable,
)
from cms.lessons.resumable import Announcement, PartFile, UploadFolder

LONGEST_FINISH = 1024
"""Bytes."""
REASONS = {460: "Checksum Mismatch"}
"""What the protocol calls a status that HTTP does not know."""
Handler = Callable[..., HttpResponse]


def _speaks_tus(**handlers: Handler) -> Handler:
    """A view that hands each method to its handler, after the checks every request of the protocol needs."""

    @functools.wraps(_speaks_tus)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        method = _method(request)
        if method == "OPTIONS":
            return _said(HttpResponse(status=204), **_abilities())
        try:
            if request.headers.get("Tus-Resumable") != tus.VERSION:
                raise TusVersionUnknown(version=tus.VERSION)
            handler = handlers.get(method)
            if handler is None:
                allowed = ", ".join([*handlers, "OPTIONS"])
                return _said(HttpResponse(status=405), Allow=allowed)
            return _said(handler(request, *args, **kwargs))
        except PersonError as error:
            answer = JsonResponse(error.as_dict(), status=error.http_status, reason=REASONS.get(error.http_status))
            if isinstance(error, TusVersionUnknown):
                answer["Tus-Version"] = tus.VERSION
            if isinstance(error, UploadOutOfStep):
                answer["Upload-Offset"] = str(error.details["offset"])
            return _said(answer)

    return view


def _method(request: HttpRequest) -> str:
    """The method, or the one a POST stands for where something on the way lets no other through.

    The protocol lets any method stand for any; but a GET that stands for a PATCH would not be asked for its token.
    """
    if request.method == "POST":
        return request.headers.get("X-HTTP-Method-Override", "POST").upper()
    return request.method or ""


def _abilities() -> dict[str, str]:
    return {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Max-Size": str(uploads.limit_bytes()),
        "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
    }


def _said(response: HttpResponse, **headers: str) -> HttpResponse:
    response["Tus-Resumable"] = tus.VERSION
    response["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response[name] = value
    return response


def _owner(request: HttpRequest) -> int:
    """Whose upload it is; the admin lets nobody in without an account."""
    if request.user.pk is None:
        raise NotPermitted
    return request.user.pk


def _require_add(request: HttpRequest) -> None:
    if not policy_registry.get_by_type(LectureMedia).user_has_permission(request.user, "add"):
        raise NotPermitted


def _create(request: HttpRequest) -> HttpResponse:
    """POST (Creation): announces a file; takes its first piece where one came along (Creation With Upload)."""
    _require_add(request)
    length = tus.number(request.headers.get("Upload-Length"))
    said = request.headers.get("Upload-Metadata", "")
    described = tus.metadata(said)
    name = described.get("filename", "")
    if length is None or not name.strip():
        raise UploadUnreadable
    is_audio = described.get("kind") == "audio" or described.get("filetype", "").startswith("audio/")
    folder = resumable.default_folder()
    announced = folder.start(
        owner=_owner(request),
        name=name,
        length=length,
        media_type="audio" if is_audio else "video",
        fingerprint=described.get("fingerprint", ""),
        metadata=said,
    )
    answer = HttpResponse(status=201)
    answer["Location"] = reverse("lessons_media:tus_upload", args=[announced.upload_id])
    if request.content_type == tus.PIECE_TYPE:
        answer["Upload-Offset"] = str(_append(request, folder, announced, offset=0))
    return _with_expiry(answer, folder, announced)


def _head(request: HttpRequest, upload_id: str) -> HttpResponse:
    """HEAD: where to go on."""
    folder, announced = _own(request, upload_id)
    answer = HttpResponse()
    answer["Upload-Offset"] = str(folder.offset(announced))
    answer["Upload-Length"] = str(announced.length)
    if announced.metadata:
        answer["Upload-Metadata"] = announced.metadata
    return _with_expiry(answer, folder, announced)


def _patch(request: HttpRequest, upload_id: str) -> HttpResponse:
    """PATCH: adds a piece at `Upload-Offset`."""
    folder, announced = _own(request, upload_id)
    if request.content_type != tus.PIECE_TYPE:
        raise PieceTypeWrong(type=tus.PIECE_TYPE)
    offset = tus.number(request.headers.get("Upload-Offset"))
    if offset is None:
        raise UploadUnreadable
    if announced.is_finished:
        raise UploadOutOfStep(offset=announced.length)
    answer = HttpResponse(status=204)
    answer["Upload-Offset"] = str(_append(request, folder, announced, offset=offset))
    return _with_expiry(answer, folder, announced)


def _delete(request: HttpRequest, upload_id: str) -> HttpResponse:
    """DELETE (Termination): gives up; what became media stays."""
    folder, announced = _own(request, upload_id)
    folder.forget(announced.upload_id)
    return HttpResponse(status=204)


def _own(request: HttpRequest, upload_id: str) -> tuple[UploadFolder, Announcement]:
    folder = resumable.default_folder()
    return folder, folder.find(upload_id, owner=_owner(request))


def _append(request: HttpRequest, folder: UploadFolder, announced: Announcement, *, offset: int) -> int:
    length = tus.number(request.headers.get("Content-Length"))
    if length is None:
        raise UploadUnreadable
    checksum = tus.checksum(request.headers.get("Upload-Checksum"))
    return folder.append(announced, offset=offset, body=request, length=length, checksum=checksum)


def _with_expiry(answer: HttpResponse, folder: UploadFolder, announced: Announcement) -> HttpResponse:
    answer["Upload-Expires"] = tus.expires(folder.expires_at(announced.upload_id))
    return answer


create = _speaks_tus(POST=_create)
upload = _speaks_tus(HEAD=_head, PATCH=_patch, DELETE=_delete)


@require_POST
@json_errors
def finish(request: HttpRequest, upload_id: str) -> HttpResponseBase:
    """`{"sha256": hex}` of the whole file turns a complete upload into media: {"id", "title", "edit_url"}.

    Asked again after a lost answer, it says the same.
    """
    _require_add(request)
    folder, announced = _own(request, upload_id)
    media_id = folder.take(announced, sha256=_digest(request), into=lambda file: _make_media(request, announced, file))
    media = LectureMedia.objects.filter(pk=media_id).first()
    if media is None:
        folder.forget(upload_id)
        raise UploadNotFound
    edit_url = reverse("wagtailmedia:edit", args=[media.pk])
    return JsonResponse({"id": media.pk, "title": media.title, "edit_url": edit_url}, status=201)


def _digest(request: HttpRequest) -> str:
    try:
        said = json.loads(request.read(LONGEST_FINISH + 1)[:LONGEST_FINISH])
    except (ValueError, RecursionError) as error:
        raise UploadUnreadable from error
    sha256 = said.get("sha256") if isinstance(said, dict) else None
    if not isinstance(sha256, str) or not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise UploadUnreadable
    return sha256


def _make_media(request: HttpRequest, announced: Announcement, file: PartFile) -> int:
    media = LectureMedia(uploaded_by_user=request.user, type=announced.media_type)
    policy = policy_registry.get_by_type(LectureMedia)
    collection = policy.collections_user_has_permission_for(request.user, "add").first()
    values = {
        "title": PurePath(announced.name).stem[:255] or announced.name,
        "collection": (collection or Collection.get_first_root_node()).pk,
    }
    form = get_media_form(LectureMedia)(values, {"file": file}, instance=media, user=request.user)
    if not form.is_valid():
        reason = "；".join(message for messages in form.errors.values() for message in messages)
        resumable.default_folder().forget(announced.upload_id)
        raise UploadInvalid(reason=reason)
    form.save()
    return media.pk


@require_GET
@json_errors
def mine(request: HttpRequest) -> HttpResponseBase:
    """One's own uploads, the last one first: how a program finds the one that it goes on with after a reload."""
    folder = resumable.default_folder()
    return JsonResponse(
        {"uploads": [described(folder, announced) for announced in folder.of_owner(_owner(request))]},
        headers={"Cache-Control": "no-store"},
    )


def described(folder: UploadFolder, announced: Announcement) -> dict[str, Any]:
    """What the uploader's scripts are told of an upload."""
    return {
        "id": announced.upload_id,
        "url": reverse("lessons_media:tus_upload", args=[announced.upload_id]),
        "name": announced.name,
        "kind": announced.media_type,
        "length": announced.length,
        "offset": folder.offset(announced),
        "fingerprint": announced.fingerprint,
        "finished": announced.is_finished,
    }
