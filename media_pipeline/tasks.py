"""Background tasks: each only carries an id; the state lies in `TranscodeJob` (architecture.md §3)."""

from __future__ import annotations

from django_tasks import task

TRANSCODE_QUEUE = "transcode"
"""A queue of its own, so that a long encode never delays a package build or an index update."""


@task(queue_name=TRANSCODE_QUEUE)
def transcode(job_id: int) -> str:
    """Bring one job as far as it goes; running it twice, or at the same time, is harmless.

    Returns:
        A word for the log: the job's state afterwards, or why this worker left it alone.
    """
    # Imported here, since a web process that enqueues needs none of the encoder's modules.
    from media_pipeline.runner import run_job

    return run_job(job_id)


@task(queue_name=TRANSCODE_QUEUE)
def assist(job_id: int) -> str:
    """Make chunks of a job that another worker holds, as long as there are any.

    Returns:
        A word for the log.
    """
    from media_pipeline.assistance import help_with

    return help_with(job_id)
