"""Cancel, retry, encode again: plain forms, so that they work without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied

from accounts.errors import PersonError
from cms.lessons.videos import rows
from cms.lessons.videos.views import recording
from media_pipeline import reencoding, services
from media_pipeline.api import may_manage
from media_pipeline.models import MediaSource, TranscodeJob
from media_pipeline.selectors import latest_job

View = Callable[..., HttpResponseBase]


def _managed(view: View) -> View:
    """Only a POST of somebody who may manage transcodes."""

    @require_POST
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_manage(request):
            answer: HttpResponseBase = permission_denied(request)
            return answer
        return view(request, *args, **kwargs)

    return wrapped


def _act(
    request: HttpRequest, media_id: int, act: Callable[[MediaSource, TranscodeJob | None], str]
) -> HttpResponseBase:
    source = rows.source_of(recording(media_id))
    try:
        messages.success(request, act(source, latest_job(source)))
    except PersonError as error:
        messages.error(request, error.zh)
    return redirect("lessons_media:video", media_id)


@_managed
def cancel(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """Stop the newest transcode."""

    def act(source: MediaSource, job: TranscodeJob | None) -> str:
        if job is not None:
            services.cancel(job)
        return _("正在停止转码。已经做好的码流保留着，以后可以接着转。")

    return _act(request, media_id, act)


@_managed
def retry(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """Go on with a transcode that failed or was cancelled."""

    def act(source: MediaSource, job: TranscodeJob | None) -> str:
        if job is None:
            services.request_transcode(source)
        else:
            services.retry(job)
        return _("已重新开始，做好的部分不再重做。")

    return _act(request, media_id, act)


@_managed
def re_encode(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """Transcode with the current ladder now, before whatever waits in the background."""

    def act(source: MediaSource, job: TranscodeJob | None) -> str:
        services.request_transcode(source)
        return _("已开始按新方案重新转码。全部核验之前，学员看到的仍是原来的版本。")

    return _act(request, media_id, act)


@_managed
def re_encode_all(request: HttpRequest) -> HttpResponseBase:
    """Queue every recording that an older ladder made, behind all uploads."""
    queued = reencoding.request_all(rows.used_sources()).total()
    messages.success(request, _("%d 个视频已排队，在后台一个一个地转；新上传的视频总是先转。") % queued)
    return redirect("lessons_media:videos")


@_managed
def stop_re_encoding(request: HttpRequest) -> HttpResponseBase:
    """Drop what has not started of it."""
    messages.success(request, _("%d 个还没开始的重新转码已取消。") % reencoding.stop_all())
    return redirect("lessons_media:videos")
