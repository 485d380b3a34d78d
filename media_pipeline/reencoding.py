"""Encode everything again with the current ladder, behind all uploads, while the old renditions are served.

A waiting re-encode is an ordinary job whose dispatch lies beyond any date (`NEVER`): the queue holds no task for it
and the sweeper leaves it. The worker's upkeep releases one at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from media_pipeline.models import MediaSource, TranscodeJob
from media_pipeline.presets import PRESET_VERSION
from media_pipeline.reencode_rules import NEVER, Want, decide_start, decide_want, makes_way
from media_pipeline.services import dispatch, reset


@dataclass(frozen=True)
class Queue:
    """How far the re-encoding of everything is: jobs that wait for their turn, and that are at work."""

    waiting: int
    at_work: int

    @property
    def left(self) -> int:
        """Jobs that are not done yet."""
        return self.waiting + self.at_work


def waiting_jobs() -> QuerySet[TranscodeJob]:
    """Re-encodes that have not had their turn, the next one first."""
    return TranscodeJob.objects.filter(state=TranscodeJob.State.RECEIVED, dispatched_at__gte=NEVER).order_by("pk")


def _started() -> QuerySet[TranscodeJob]:
    return TranscodeJob.objects.unfinished().exclude(dispatched_at__gte=NEVER)


def _older() -> Exists:
    """Whether the source was transcoded before: then the job is a re-encode."""
    return Exists(TranscodeJob.objects.filter(source=OuterRef("source"), pk__lt=OuterRef("pk")))


def must_make_way(job: TranscodeJob) -> bool:
    """Whether a job that is at work is a re-encode for which an upload waits; asked at the border of two chunks."""
    now = timezone.now()
    mine = TranscodeJob.objects.filter(pk=job.pk)
    waits = _started().exclude(_older()).exclude(lease_expires_at__gt=now).aggregate(first=Min("dispatched_at"))
    return makes_way(is_reencode=mine.filter(_older()).exists(), oldest_waiting=waits["first"], now=now)


def queue() -> Queue:
    """What is left of the re-encoding."""
    return Queue(waiting_jobs().count(), _started().filter(_older()).count())


def wants(sources: Iterable[MediaSource], *, only_failed: bool = False) -> list[tuple[MediaSource, TranscodeJob, Want]]:
    """The sources that are to be encoded again, with their newest job and what to do about it."""
    by_id = {source.pk: source for source in sources}
    newest = {job.source_id: job for job in TranscodeJob.objects.order_by("pk").iterator() if job.source_id in by_id}
    found: list[tuple[MediaSource, TranscodeJob, Want]] = []
    for source_id, job in newest.items():
        want = decide_want(job.state, job.preset_version, current=PRESET_VERSION, only_failed=only_failed)
        if want is not Want.LEAVE:
            found.append((by_id[source_id], job, want))
    return found


def request_all(sources: Iterable[MediaSource], *, only_failed: bool = False) -> Counter[Want]:
    """Queue a re-encode of every source whose newest job is of an older ladder (or has failed); how many of each.

    The jobs wait for `release`; what is served stays as it is until each of them is published.
    """
    done: Counter[Want] = Counter()
    for source, job, want in wants(sources, only_failed=only_failed):
        with transaction.atomic():
            if want is Want.REQUEST:
                job = TranscodeJob.objects.get_or_create(
                    source=source, preset_version=PRESET_VERSION, defaults={"dispatched_at": NEVER}
                )[0]
            else:
                job = TranscodeJob.objects.select_for_update().get(pk=job.pk)
                if job.state != TranscodeJob.State.FAILED:
                    continue
                reset(job)
                job.dispatched_at = NEVER
                job.save()
        done[want] += 1
    return done


def stop_all() -> int:
    """Take every re-encode that has not started out of the queue; how many. What is at work goes on to its end."""
    with transaction.atomic():
        first_ones = waiting_jobs().exclude(_older())
        kept = first_ones.update(state=TranscodeJob.State.CANCELLED)
        again = waiting_jobs().values_list("pk", flat=True)
        return kept + TranscodeJob.objects.filter(pk__in=list(again)).delete()[1].get(TranscodeJob._meta.label, 0)


def release() -> int:
    """Let the next re-encodes start if nothing comes before them; how many. For a worker's upkeep."""
    waiting = list(waiting_jobs().values_list("pk", flat=True)[:8])
    if not waiting:
        return 0
    released = 0
    with transaction.atomic():
        at_work = _started().filter(_older()).count()
        uploads = _started().exclude(_older()).count()
        for pk in decide_start(waiting, uploads=uploads, at_work=at_work):
            job = TranscodeJob.objects.select_for_update().filter(pk=pk, dispatched_at__gte=NEVER).first()
            if job is not None:
                dispatch(job)
                released += 1
    return released
