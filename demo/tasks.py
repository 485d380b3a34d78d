"""Background tasks of the demo: each only carries a name; the state lies in the lessons themselves."""

from __future__ import annotations

from django_tasks import task

from demo import lectures
from media_pipeline.tasks import TRANSCODE_QUEUE


@task(queue_name=TRANSCODE_QUEUE, priority=-10)
def make_lecture(slug: str) -> str:
    """Make one lecture. It waits behind the transcodes: a lecture is finished before the next one is begun."""
    return lectures.make(slug)
