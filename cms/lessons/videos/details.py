"""What the page of one recording shows: its newest job, the plan and why, every rung, its attempts and its uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.core.models import LectureMedia
from cms.lessons.models import Case, Lesson
from cms.lessons.videos import rows
from media_pipeline import words
from media_pipeline.charts import Chart, quality_chart
from media_pipeline.leases import DEFAULT_POLICY
from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.presets import PRESET_VERSION
from media_pipeline.reencoding import waiting_jobs
from media_pipeline.selectors import Failure, failure_of, in_order, is_waiting, latest_job
from media_pipeline.serving import served

POLL_MS = 1500
"""With a heartbeat of two seconds and ffmpeg's word once a second, what is shown is never older than five."""


@dataclass(frozen=True)
class Rung:
    """One rendition that is served."""

    name: str
    label: str
    size: str
    width: int | None
    height: int | None
    kbit_s: int | None
    vmaf: float | None
    vmaf_p5: float | None
    crf: float | None
    chart: Chart | None


@dataclass(frozen=True)
class Live:
    """What changes while a job runs.

    `holder` names the worker that has it, `heard_s` says how many seconds ago it was last heard of.
    """

    row: rows.VideoRow
    holder: str
    heard_s: int | None
    attempts: int
    most_attempts: int
    ahead: int
    chunks: Mapping[str, int]
    error: Failure | None
    can_cancel: bool
    can_retry: bool
    can_re_encode: bool
    cancelling: bool


@dataclass(frozen=True)
class Usage:
    """A lesson or case that shows or plays the recording."""

    title: str
    kind: str
    edit_url: str
    live: bool


def live(media: LectureMedia) -> Live:
    """How far the newest job of the recording is."""
    source = rows.source_of(media)
    job = latest_job(source)
    row = rows.rows([media])[0]
    if job is None:
        return Live(row, "", None, 0, DEFAULT_POLICY.max_attempts, 0, {}, None, False, False, True, False)
    now = timezone.now()
    held = job.lease_expires_at is not None and job.lease_expires_at > now
    heard = job.heartbeat_at if held else None
    return Live(
        row=row,
        holder=job.lease_owner.replace(":", " · ") if held else "",
        heard_s=max(0, round((now - heard).total_seconds())) if heard else None,
        attempts=job.attempts,
        most_attempts=DEFAULT_POLICY.max_attempts,
        ahead=waiting_jobs().filter(pk__lt=job.pk).count() if is_waiting(job) else 0,
        chunks=job.plan.get("chunks") or {},
        error=failure_of(job),
        can_cancel=not job.is_terminal and not job.cancel_requested,
        can_retry=job.state in (TranscodeJob.State.FAILED, TranscodeJob.State.CANCELLED),
        can_re_encode=(job.is_terminal and job.preset_version != PRESET_VERSION) or is_waiting(job),
        cancelling=job.cancel_requested and not job.is_terminal,
    )


def plan_of(media: LectureMedia) -> dict[str, Any]:
    """The newest plan that says anything: the running job's, or else the one before."""
    for plan in rows.source_of(media).jobs.order_by("-pk").values_list("plan", flat=True):
        if plan:
            return dict(plan)
    return {}


def dropped(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The rungs that were not made, each with the reason in words."""
    return [(words.rung_label(name), words.dropped_text(why)) for name, why in (plan.get("dropped") or {}).items()]


def rungs(media: LectureMedia) -> list[Rung]:
    """Every rendition that the recording serves, the sound first, with what its own plan says about it."""
    source = rows.source_of(media)
    found = in_order(served([source.sha256]).get(source.sha256, []))
    plans = dict(source.jobs.values_list("preset_version", "plan"))
    return [_rung(rung, plans.get(rung.preset_version) or {}) for rung in found]


def _rung(rung: Rendition, plan: Mapping[str, Any]) -> Rung:
    choice = (plan.get("choices") or {}).get(rung.name) or {}
    kbit_s = round(rung.length * 8 / rung.duration_s / 1000) if rung.duration_s else None
    crf = choice.get("crf")
    return Rung(
        name=rung.name,
        label=words.rung_label(rung.name),
        size=words.size_text(rung.length),
        width=rung.width,
        height=rung.height,
        kbit_s=kbit_s,
        vmaf=choice.get("vmaf"),
        vmaf_p5=choice.get("vmaf_p5"),
        crf=crf,
        chart=quality_chart(choice.get("reel") or [], crf=crf, target=choice.get("target") or plan.get("target_vmaf")),
    )


def history(media: LectureMedia) -> list[dict[str, Any]]:
    """Every job of the recording, the newest first."""
    return [
        {
            "version": job.preset_version,
            "state": job.get_state_display(),
            "started": job.started_at,
            "took": words.span_text((job.finished_at - job.started_at).total_seconds())
            if job.started_at and job.finished_at
            else "",
        }
        for job in rows.source_of(media).jobs.order_by("-pk")
    ]


def usage(media: LectureMedia) -> list[Usage]:
    """The lessons and cases that show the recording or play it as a dub."""
    found: list[Usage] = []
    for model in (Lesson, Case):
        pages = model.objects.filter(video=media) | model.objects.filter(tracks__audio=media)
        for page in pages.distinct().order_by("pk"):
            kind = str(model._meta.verbose_name) if page.video_id == media.pk else _("配音")
            url = reverse("wagtailadmin_pages:edit", args=[page.pk])
            found.append(Usage(page.get_admin_display_title(), kind, url, page.live))
    return found
