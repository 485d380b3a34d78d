"""Reads: how far a source's transcode is, and what came out of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from media_pipeline.errors import ERRORS_BY_CODE, MediaError
from media_pipeline.models import MediaSource, Rendition, TranscodeJob

_ETA_FROM = 0.03
"""Below this progress a remaining time would be a guess."""

AUDIO_FIRST = {
    Rendition.Kind.AUDIO: 0,
    Rendition.Kind.VIDEO: 1,
    Rendition.Kind.MUXED: 2,
    Rendition.Kind.POSTER: 3,
}


@dataclass(frozen=True)
class JobStatus:
    """What a person sees of a transcode.

    `state` is a value of `TranscodeJob.State`, or "none" for a source that nobody asked to transcode.
    """

    state: str
    state_label: str
    progress: float
    step: str
    eta_s: int | None
    error_code: str
    error_message: str
    error_message_en: str
    can_cancel: bool
    can_retry: bool
    renditions: list[Rendition]


def latest_job(source: MediaSource) -> TranscodeJob | None:
    """The source's newest job."""
    return source.jobs.order_by("-pk").first()


def renditions(source: MediaSource) -> list[Rendition]:
    """The source's verified renditions, sound first, then the picture from small to large, one for each rung.

    Where several preset versions hold the same rung the newest one counts.
    """
    newest: dict[str, Rendition] = {}
    for rendition in source.renditions.order_by("pk"):
        newest[rendition.name] = rendition
    return sorted(
        newest.values(), key=lambda r: (AUDIO_FIRST[Rendition.Kind(r.kind)], r.height or 0, r.name != "opus-16", r.name)
    )


def error_of(job: TranscodeJob) -> MediaError | None:
    """The error that ended the job, with its messages in both languages."""
    if not job.error_code:
        return None
    kind = ERRORS_BY_CODE.get(job.error_code, MediaError)
    try:
        return kind(**json.loads(job.error_detail or "{}"))
    except (ValueError, KeyError, TypeError):
        return MediaError()


def remaining_s(job: TranscodeJob, now: datetime) -> int | None:
    """Seconds until the end at the pace so far; None while it can't be told."""
    held = job.lease_expires_at is not None and job.lease_expires_at > now
    if not held or job.started_at is None or job.progress < _ETA_FROM:
        return None
    return round((now - job.started_at).total_seconds() * (1 - job.progress) / job.progress)


def job_status(source: MediaSource) -> JobStatus:
    """How far the source's newest transcode is."""
    job = latest_job(source)
    found = renditions(source)
    if job is None:
        return JobStatus("none", "", 0.0, "", None, "", "", "", False, False, found)
    error = error_of(job)
    return JobStatus(
        state=job.state,
        state_label=str(job.get_state_display()),
        progress=job.progress,
        step=job.step,
        eta_s=None if job.is_terminal else remaining_s(job, timezone.now()),
        error_code=job.error_code,
        error_message=error.zh if error else "",
        error_message_en=error.en if error else "",
        can_cancel=not job.is_terminal and not job.cancel_requested,
        can_retry=job.state in (TranscodeJob.State.FAILED, TranscodeJob.State.CANCELLED),
        renditions=found,
    )
