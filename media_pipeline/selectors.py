"""Reads: how far a source's transcode is, and what came out of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from media_pipeline import reencode_rules, words
from media_pipeline.errors import ERRORS_BY_CODE, MediaError
from media_pipeline.models import MediaSource, Rendition, SourceChunk, TranscodeJob
from media_pipeline.serving import served

_ETA_FROM = 0.03
"""Below this progress a remaining time would be a guess."""

WAITING_STEP = _("在后台排队，新上传的视频先转")
AUDIO_FIRST = {"audio": 0, "video": 1, "deck": 2, "muxed": 3, "poster": 4, "sprite": 5}
"""Order of the kinds of renditions."""


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


def newest_jobs(source_ids: Iterable[int]) -> dict[int, TranscodeJob]:
    """The newest job of each of the sources that has one; one query."""
    return {job.source_id: job for job in TranscodeJob.objects.filter(source_id__in=list(source_ids)).order_by("pk")}


def latest_job(source: MediaSource) -> TranscodeJob | None:
    """The source's newest job."""
    return source.jobs.order_by("-pk").first()


def renditions(source: MediaSource) -> list[Rendition]:
    """The renditions that the source serves, sound first, then the picture from small to large (`serving`)."""
    return in_order(served([source.sha256]).get(source.sha256, []))


def in_order(rows: Iterable[Rendition]) -> list[Rendition]:
    """Sound first, then the picture from small to large, whatever else there is last."""
    last = len(AUDIO_FIRST)
    return sorted(rows, key=lambda r: (AUDIO_FIRST.get(r.kind, last), r.height or 0, r.name != "opus-16", r.name))


@dataclass(frozen=True)
class Failure:
    """Why a job ended: in words for an editor, in English, and the technical reason if there is one."""

    code: str
    zh: str
    en: str
    technical: str


def failure_of(job: TranscodeJob) -> Failure | None:
    """The error that ended the job."""
    if not job.error_code:
        return None
    kind = ERRORS_BY_CODE.get(job.error_code, MediaError)
    try:
        details = json.loads(job.error_detail or "{}")
        reason = str(details.get("reason", ""))
        told = kind(**{**details, "reason": words.reason_text(reason)}) if reason else kind(**details)
        return Failure(job.error_code, told.zh, kind(**details).en, reason)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Failure(job.error_code, MediaError().zh, MediaError().en, "")


def remaining_s(job: TranscodeJob, now: datetime) -> int | None:
    """Seconds until the end at the pace so far; None while it can't be told."""
    held = job.lease_expires_at is not None and job.lease_expires_at > now
    if not held or job.started_at is None or job.progress < _ETA_FROM:
        return None
    return round((now - job.started_at).total_seconds() * (1 - job.progress) / job.progress)


def is_waiting(job: TranscodeJob) -> bool:
    """Whether the job waits for its turn in the background."""
    return not job.is_terminal and reencode_rules.is_waiting(job.dispatched_at)


def job_status(source: MediaSource) -> JobStatus:
    """How far the source's newest transcode is."""
    job = latest_job(source)
    found = renditions(source)
    if job is None:
        return JobStatus("none", "", 0.0, "", None, "", "", "", False, False, found)
    error = failure_of(job)
    return JobStatus(
        state=job.state,
        state_label=str(job.get_state_display()),
        progress=job.progress,
        step=str(WAITING_STEP) if is_waiting(job) else job.step,
        eta_s=None if job.is_terminal else remaining_s(job, timezone.now()),
        error_code=job.error_code,
        error_message=error.zh if error else "",
        error_message_en=error.en if error else "",
        can_cancel=not job.is_terminal and not job.cancel_requested,
        can_retry=job.state in (TranscodeJob.State.FAILED, TranscodeJob.State.CANCELLED),
        renditions=found,
    )


_SHARED_SHARE = 0.3
"""From this share of common chunks on, two sources are versions of one lecture."""


def plan_of_earlier_version(source: MediaSource, preset_version: str) -> dict[str, Any]:
    """The plan that an earlier version of the same lecture was encoded with, told by the pictures both have.

    A revision inherits the plan of the one before, so that what did not change is not encoded again (media.md §4).
    Empty where there is none.
    """
    others = SourceChunk.objects.filter(source__jobs__preset_version=preset_version)
    earlier = _earlier_version(source, SourceChunk.Kind.PICTURE, others)
    job = TranscodeJob.objects.filter(source=earlier, preset_version=preset_version).first()
    return job.plan if job else {}


def gain_of_earlier_version(source: MediaSource) -> float | None:
    """The gain in dB that an earlier version of the same sound was brought to its loudness with; None without one."""
    others = SourceChunk.objects.filter(source__probe__has_key="gain_db")
    earlier = _earlier_version(source, SourceChunk.Kind.SOUND, others)
    return float(MediaSource.objects.get(pk=earlier).probe["gain_db"]) if earlier else None


def _earlier_version(source: MediaSource, kind: str, others: QuerySet[SourceChunk]) -> int | None:
    """The other source that most chunks of a kind are shared with, if it is enough of them."""
    mine = set(source.chunks.filter(kind=kind).values_list("frames_sha256", flat=True))
    shared = (
        others.filter(kind=kind, frames_sha256__in=mine)
        .exclude(source=source)
        .values("source")
        .annotate(common=Count("frames_sha256", distinct=True))
        .order_by("-common", "-source")
        .first()
    )
    return shared["source"] if shared and shared["common"] >= _SHARED_SHARE * len(mine) else None
