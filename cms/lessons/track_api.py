"""Takes the files that an editor drops on a lesson's dubs and subtitles: JSON for track-drop.js."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from wagtail.models import Collection
from wagtail.permissions import policy_registry

from accounts.parameters import whole_number
from cms.core.errors import NotPermitted
from cms.core.models import LectureMedia, PlatformDocument
from cms.lessons import languages, subtitle_fit, subtitles
from cms.lessons.api import json_errors
from cms.lessons.errors import SubtitleTooLarge, UploadInvalid


@require_GET
@json_errors
def language(request: HttpRequest) -> HttpResponseBase:
    """`?name=` of a file → {"language"}; empty where the name says nothing."""
    return JsonResponse({"language": languages.guess(request.GET.get("name", "")[:255])})


@require_POST
@json_errors
def subtitle(request: HttpRequest) -> HttpResponseBase:
    """A subtitle file → {"id", "title", "edit_url", "language", "warning"}, as the document chooser wants it.

    `video` is the id of the recording it is dropped beside; `warning` says that the subtitles go on long after its end.

    Answers with `SubtitleUnreadable`, `SubtitleEncoding` or `SubtitleTooLarge` before anything is kept.
    """
    policy = policy_registry.get_by_type(PlatformDocument)
    if not policy.user_has_permission(request.user, "add"):
        raise NotPermitted
    file: Any = request.FILES.get("file")
    if file is None:
        raise UploadInvalid(reason="没有收到文件 / no file arrived")
    if file.size > subtitles.LIMIT_BYTES:
        raise SubtitleTooLarge(limit_kib=subtitles.LIMIT_BYTES // 1024)
    cues = subtitles.parse(subtitles.decode(file.read()))
    file.seek(0)
    collection = policy.collections_user_has_permission_for(request.user, "add").first()
    document = PlatformDocument.objects.create(
        title=PurePath(file.name).stem[:255] or "字幕",
        file=file,
        file_size=file.size,
        collection=collection or Collection.get_first_root_node(),
        uploaded_by_user=request.user,
    )
    answer = {
        "id": document.pk,
        "title": document.title,
        "edit_url": reverse("wagtaildocs:edit", args=[document.pk]),
        "language": languages.guess(file.name, "".join(cue.text for cue in cues)),
        "warning": subtitle_fit.warning(cues, _duration_s(request.POST.get("video", ""))),
    }
    return JsonResponse(answer, status=201)


def _duration_s(media_id: str) -> float | None:
    """The length of the named recording, once it is measured."""
    number = whole_number(media_id, at_most=(1 << 63) - 1)
    media = LectureMedia.objects.select_related("media_source").filter(pk=number).first() if number else None
    return media.media_source.duration_s if media is not None and media.media_source is not None else None
