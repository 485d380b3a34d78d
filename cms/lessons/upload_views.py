"""上传中: the page where a person sees, continues and gives up what is on its way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cms.core.errors import NotPermitted
from cms.lessons import resumable, tus_api
from cms.lessons.panels import UPLOAD_SCRIPTS, UPLOAD_WORDS, direct_url, may_upload, spoken

MEDIA = forms.Media(js=[*UPLOAD_SCRIPTS, "lessons/upload-list.js"], css={"all": ["lessons/media-progress.css"]})


@require_http_methods(["GET", "POST"])
def uploading(request: HttpRequest) -> HttpResponse:
    """The list; POST `give_up=<id>` forgets one, for whoever has no JavaScript.

    Raises:
        NotPermitted: the person may not add media.
        UploadNotFound, UploadExpired: there is no such upload of that person to give up.
    """
    if not may_upload(request.user) or request.user.pk is None:
        raise NotPermitted
    folder = resumable.default_folder()
    if request.method == "POST":
        folder.forget(folder.find(request.POST.get("give_up", ""), owner=request.user.pk).upload_id)
        return HttpResponseRedirect(reverse("lessons_media:uploading"))
    context = {
        "rows": [_row(folder, one) for one in folder.of_owner(request.user.pk) if not one.is_finished],
        "upload_url": reverse("lessons_media:tus"),
        "direct_url": direct_url(),
        "login_url": reverse("wagtailadmin_login"),
        "words": spoken(UPLOAD_WORDS),
        "media": MEDIA,
    }
    return render(request, "lessons_admin/uploading.html", context)


def _row(folder: resumable.UploadFolder, announced: resumable.Announcement) -> dict[str, Any]:
    expires = datetime.fromtimestamp(folder.expires_at(announced.upload_id), UTC)
    return {**tus_api.described(folder, announced), "expires": expires}
