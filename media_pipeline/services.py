"""What others may ask of the pipeline: take a source in, transcode it, cancel, retry."""

from __future__ import annotations

import json

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from media_pipeline import originals
from media_pipeline.errors import EmptyFile, MediaError, NotRetryable
from media_pipeline.models import MediaSource, TranscodeJob
from media_pipeline.presets import PRESET_VERSION
from media_pipeline.reencode_rules import is_waiting
from media_pipeline.signals import job_failed
from media_pipeline.tasks import assist, transcode


def register_source(file: File, *, name: str) -> MediaSource:
    """Take an upload in: hash it, keep it under its hash; the same bytes twice are one source.

    Args:
        file: an open or openable upload; a stored file is hard-linked, not copied.
        name: what the uploader called it; only shown.

    Raises:
        EmptyFile: no bytes.
        OSError: the disk is full; nothing half-written stays.
    """
    sha256, length = originals.digest_of(file)
    if length == 0:
        raise EmptyFile
    stored = originals.store(file, sha256)
    source, _created = MediaSource.objects.get_or_create(
        sha256=sha256, defaults={"storage_name": stored, "length": length, "name": name[:255]}
    )
    return source


def request_transcode(source: MediaSource) -> TranscodeJob:
    """The job that transcodes the source with the current ladder; enqueued when it is new or waits behind others.

    Asking again returns the same job, whatever its state: a failed or cancelled one waits for `retry`, so that
    saving a page again doesn't encode a broken file again.
    """
    with transaction.atomic():
        job, created = TranscodeJob.objects.get_or_create(source=source, preset_version=PRESET_VERSION)
        if created or is_waiting(job.dispatched_at):
            dispatch(job)
    return job


def dispatch(job: TranscodeJob) -> None:
    """Enqueue a task for the job as soon as the surrounding transaction is committed."""
    job.dispatched_at = timezone.now()
    job.save(update_fields=["dispatched_at"])
    transaction.on_commit(lambda: transcode.enqueue(job.pk))


HELPERS = 3
"""Workers that are asked to help with one video; those that come when nothing is left to do leave at once."""


def call_for_help(job: TranscodeJob) -> None:
    """Tell idle workers that chunks of the job are to be had."""
    for _helper in range(HELPERS):
        transaction.on_commit(lambda: assist.enqueue(job.pk))


def cancel(job: TranscodeJob) -> TranscodeJob:
    """Ask for the job's end; the worker that holds it kills its encoder within two seconds.

    Raises:
        NotRetryable: the job has ended already.
    """
    now = timezone.now()
    with transaction.atomic():
        job = TranscodeJob.objects.select_for_update(of=("self",)).select_related("source").get(pk=job.pk)
        if job.is_terminal:
            raise NotRetryable(state=job.get_state_display())
        job.cancel_requested = True
        if job.lease_expires_at is None or job.lease_expires_at <= now:
            # Nobody works on it: it ends here, and the token grows so that a late worker can't write.
            job.state, job.finished_at = TranscodeJob.State.CANCELLED, now
            job.fencing_token += 1
            job.lease_owner, job.lease_expires_at = "", None
        job.save()
        if job.is_terminal:
            job_failed.send(sender=MediaSource, source=job.source, job=job)
    return job


def retry(job: TranscodeJob) -> TranscodeJob:
    """Run a failed or cancelled job again; rungs already verified are kept.

    Raises:
        NotRetryable: the job is running or done.
    """
    with transaction.atomic():
        job = TranscodeJob.objects.select_for_update().get(pk=job.pk)
        if job.state not in (TranscodeJob.State.FAILED, TranscodeJob.State.CANCELLED):
            raise NotRetryable(state=job.get_state_display())
        reset(job)
        job.save()
        dispatch(job)
    return job


def reset(job: TranscodeJob) -> None:
    """Bring an ended job back to its beginning, in memory; rungs already verified are kept."""
    job.state, job.step, job.progress = TranscodeJob.State.RECEIVED, "", 0.0
    job.attempts, job.cancel_requested = 0, False
    job.error_code = job.error_detail = ""
    job.started_at = job.finished_at = None


def describe_error(error: MediaError) -> tuple[str, str]:
    """Code and details of an error, as a job stores them; `selectors` turns them into a message again."""
    return error.code, json.dumps(error.details, ensure_ascii=False, default=str)
