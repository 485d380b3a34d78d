"""JSON for the admin's progress panel: how far a source is, cancel, retry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin.auth import permission_denied

from accounts.selectors import may_use_admin
from media_pipeline import selectors, services
from media_pipeline.errors import MediaError
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.selectors import JobStatus


def may_see(request: HttpRequest) -> bool:
    """Whoever may use the admin at all."""
    return may_use_admin(request.user)


def may_manage(request: HttpRequest) -> bool:
    """Cancelling and retrying needs the right to change transcode jobs."""
    return may_see(request) and request.user.has_perm("media_pipeline.change_transcodejob")


def _rendition_json(rendition: Rendition) -> dict[str, Any]:
    return {
        "name": rendition.name,
        "kind": rendition.kind,
        "mime": rendition.mime,
        "sha256": rendition.sha256,
        "length": rendition.length,
        "duration_s": rendition.duration_s,
        "width": rendition.width,
        "height": rendition.height,
    }


def status_json(source: MediaSource, status: JobStatus) -> dict[str, Any]:
    """The panel's view of a source; `poll_ms` is 0 when nothing will change any more."""
    waiting = status.state not in (*TranscodeJob.TERMINAL, "none")
    return {
        "source": source.pk,
        "state": status.state,
        "state_label": status.state_label,
        "progress": round(status.progress, 4),
        "step": status.step,
        "eta_s": status.eta_s,
        "error": (
            {"code": status.error_code, "message": status.error_message, "message_en": status.error_message_en}
            if status.error_code
            else None
        ),
        "can_cancel": status.can_cancel,
        "can_retry": status.can_retry,
        "cancel_url": reverse("media_pipeline_cancel", args=[source.pk]),
        "retry_url": reverse("media_pipeline_retry", args=[source.pk]),
        "poll_ms": 1000 if waiting else 0,
        "renditions": [_rendition_json(rendition) for rendition in status.renditions],
    }


@never_cache
@require_GET
def job_status_json(request: HttpRequest, source_id: int) -> Any:
    """GET /admin/media-pipeline/status/<source id>/."""
    if not may_see(request):
        return permission_denied(request)
    source = get_object_or_404(MediaSource, pk=source_id)
    return JsonResponse(status_json(source, selectors.job_status(source)))


def _act(request: HttpRequest, source_id: int, action: Any) -> Any:
    if not may_manage(request):
        return permission_denied(request)
    source = get_object_or_404(MediaSource, pk=source_id)
    job = selectors.latest_job(source)
    try:
        if job is None:
            services.request_transcode(source)
        else:
            action(job)
    except MediaError as error:
        return JsonResponse(error.as_dict(), status=error.http_status)
    return JsonResponse(status_json(source, selectors.job_status(source)))


@never_cache
@require_POST
def cancel_job(request: HttpRequest, source_id: int) -> Any:
    """POST /admin/media-pipeline/cancel/<source id>/; 409 when the job has ended already."""
    if not may_manage(request):
        return permission_denied(request)
    job = get_object_or_404(MediaSource, pk=source_id).jobs.order_by("-pk").first()
    if job is None:
        return JsonResponse(MediaError().as_dict(), status=404)
    return _act(request, source_id, services.cancel)


@never_cache
@require_POST
def retry_job(request: HttpRequest, source_id: int) -> Any:
    """POST /admin/media-pipeline/retry/<source id>/; starts the first job of a source that has none."""
    return _act(request, source_id, services.retry)
