"""The rows of 视频处理: one for each uploaded recording, with its newest job and what its renditions save."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.core.models import LectureMedia
from media_pipeline import serving, words
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.presets import PRESET_VERSION
from media_pipeline.selectors import WAITING_STEP, failure_of, is_waiting, newest_jobs, remaining_s

State = TranscodeJob.State
RUNNING = tuple(state for state in State.values if state not in TranscodeJob.TERMINAL)
TONES = {State.PUBLISHED: "good", State.FAILED: "bad", State.CANCELLED: "idle"}
"""How a state is marked; every other one is under way."""


@dataclass(frozen=True)
class Savings:
    """Bytes of the original, of what a phone takes for the whole lecture, and of all that is kept."""

    original: int
    phone: int
    stored: int

    @property
    def original_text(self) -> str:
        return words.size_text(self.original)

    @property
    def phone_text(self) -> str:
        return words.size_text(self.phone) if self.phone else ""

    @property
    def stored_text(self) -> str:
        return words.size_text(self.stored) if self.stored else ""

    @property
    def share(self) -> str:
        """What a phone is spared, in percent; empty before anything is there."""
        return words.share_text(self.phone, self.original) if self.phone else ""


@dataclass(frozen=True)
class VideoRow:
    """One recording as the list shows it."""

    media_id: int
    title: str
    detail_url: str
    state: str
    state_label: str
    tone: str
    running: bool
    waiting: bool
    percent: int
    step: str
    left: str
    problem: str
    still_served: bool
    outdated: bool
    version: str
    savings: Savings


def used_sources() -> QuerySet[MediaSource]:
    """Every source that is somebody's recording."""
    return MediaSource.objects.filter(pk__in=LectureMedia.objects.exclude(media_source=None).values("media_source"))


def recordings() -> QuerySet[LectureMedia]:
    """Every recording that the pipeline knows, with `job_state` and `job_version`; what needs attention comes first."""
    newest = TranscodeJob.objects.filter(source=OuterRef("media_source")).order_by("-pk")
    found = LectureMedia.objects.exclude(media_source=None).select_related("media_source")
    found = found.annotate(
        job_state=Subquery(newest.values("state")[:1]), job_version=Subquery(newest.values("preset_version")[:1])
    )
    attention = Case(
        When(job_state__in=RUNNING, then=Value(0)),
        When(job_state=State.FAILED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return found.annotate(attention=attention).order_by("attention", F("pk").desc())


def source_of(recording: LectureMedia) -> MediaSource:
    """The original of one of `recordings`.

    Raises:
        ValueError: the pipeline has not taken it in.
    """
    if recording.media_source is None:
        raise ValueError(f"recording {recording.pk} has no source")
    return recording.media_source


def _savings(original: int, rungs: Sequence[Any], *, complete: bool) -> Savings:
    """What the renditions save; a phone takes the smallest sound and, where there is one, the 240p picture.

    Args:
        complete: no picture is still to come; before, what a phone will take can't be told from the sound alone.
    """
    sounds = {rung.name: rung.length for rung in rungs if rung.kind == Rendition.Kind.AUDIO}
    pictures = {rung.name: rung.length for rung in rungs if rung.kind == Rendition.Kind.VIDEO}
    sound = sounds.get("opus-16") or min(sounds.values(), default=0)
    picture = pictures.get("h264-240") or min(pictures.values(), default=0)
    phone = sound + picture if picture or complete else 0
    return Savings(original, phone, sum(rung.length for rung in rungs))


ABANDONED_S = 90
"""Seconds after which a job that nobody took, while nobody works at all, is a matter for the administrator."""


def nobody_works(now: datetime) -> bool:
    """Whether no worker has been heard of lately, at any job."""
    return not TranscodeJob.objects.filter(heartbeat_at__gt=now - timedelta(seconds=ABANDONED_S)).exists()


def _is_abandoned(job: TranscodeJob, now: datetime) -> bool:
    """Whether a job that was dispatched long ago is in nobody's hands."""
    since = job.dispatched_at or job.created_at
    overdue = now - since > timedelta(seconds=ABANDONED_S)
    held = job.lease_expires_at is not None and job.lease_expires_at > now
    return not job.is_terminal and not held and overdue


def rows(recordings: Iterable[LectureMedia]) -> list[VideoRow]:
    """The rows of some recordings; three queries however many."""
    now = timezone.now()
    idle = nobody_works(now)
    shown = [media for media in recordings if media.media_source is not None]
    jobs = newest_jobs(media.media_source_id for media in shown if media.media_source_id)
    rungs = serving.served({media.media_source.sha256 for media in shown if media.media_source})
    return [_row(media, media.media_source, jobs, rungs, now=now, idle=idle) for media in shown if media.media_source]


def _row(
    media: LectureMedia,
    source: MediaSource,
    jobs: dict[int, TranscodeJob],
    rungs: dict[str, list[Rendition]],
    *,
    now: datetime,
    idle: bool,
) -> VideoRow:
    job, served = jobs.get(source.pk), rungs.get(source.sha256, [])
    url = reverse("lessons_media:video", args=[media.pk])
    if job is None:
        return VideoRow(
            media.pk, media.title, url, "none", _("等待转码"), "idle", False, False, 0, "", "", "",
            bool(served), False, "", _savings(source.length, served, complete=True),
        )  # fmt: skip
    error = failure_of(job) if job.state == State.FAILED else None
    eta = None if job.is_terminal else remaining_s(job, now)
    return VideoRow(
        media_id=media.pk,
        title=media.title,
        detail_url=url,
        state=job.state,
        state_label=_("排队中") if is_waiting(job) else str(job.get_state_display()),
        tone=str(TONES.get(State(job.state), "busy")),
        running=not job.is_terminal,
        waiting=is_waiting(job),
        percent=round(100 * job.progress),
        step=_step(job, now, idle=idle),
        left=_("约还需 %s") % words.span_text(eta) if eta is not None else "",
        problem=error.zh if error else "",
        still_served=bool(served) and job.state != State.PUBLISHED and _is_re_encode(job, served),
        outdated=job.preset_version != PRESET_VERSION,
        version=job.preset_version,
        savings=_savings(source.length, served, complete=job.is_terminal),
    )


def _step(job: TranscodeJob, now: datetime, *, idle: bool) -> str:
    if job.is_terminal:
        return ""
    if is_waiting(job):
        return str(WAITING_STEP)
    if idle and _is_abandoned(job, now):
        return _("一直没有后台程序来处理，请联系管理员查看“运行状况”。")
    return job.step


def _is_re_encode(job: TranscodeJob, served: Sequence[Rendition]) -> bool:
    return all(rung.preset_version != job.preset_version for rung in served)


@dataclass(frozen=True)
class Totals:
    """The whole library in three numbers."""

    videos: int
    outdated: int
    savings: Savings


def totals() -> Totals:
    """What all recordings together save, and how many of them an older ladder made; three queries of bare values."""
    lengths = dict(used_sources().values_list("pk", "length"))
    newest: dict[int, tuple[str, str]] = {}
    published: dict[int, str] = {}
    for source_id, state, version in TranscodeJob.objects.order_by("pk").values_list(
        "source_id", "state", "preset_version"
    ):
        newest[source_id] = state, version
        if state == State.PUBLISHED:
            published[source_id] = version
    rungs: dict[int, list[Any]] = {}
    fields = ("source_id", "name", "kind", "length", "preset_version")
    for rung in Rendition.objects.order_by("pk").values_list(*fields, named=True):
        rungs.setdefault(rung.source_id, []).append(rung)
    each = [
        _savings(lengths[source_id], serving.choose(made, published.get(source_id)), complete=True)
        for source_id, made in rungs.items()
        if source_id in lengths
    ]
    outdated = sum(
        source_id in lengths and version != PRESET_VERSION and state in TranscodeJob.TERMINAL
        for source_id, (state, version) in newest.items()
    )
    summed = Savings(sum(s.original for s in each), sum(s.phone for s in each), sum(s.stored for s in each))
    return Totals(len(lengths), outdated, summed)
