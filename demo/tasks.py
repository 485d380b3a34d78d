"""Background tasks of the demo: each only carries a name; the state lies in the lessons themselves."""

from __future__ import annotations

from django.core.management import call_command
from django_tasks import task

from demo import lectures
from media_pipeline.tasks import TRANSCODE_QUEUE


@task(queue_name=TRANSCODE_QUEUE, priority=-10)
def make_lecture(slug: str) -> str:
    """Make one lecture. It waits behind the transcodes: a lecture is finished before the next one is begun."""
    return lectures.make(slug)


@task(priority=-20)
def rebuild_reference_index() -> None:
    """Let Wagtail's admin know what uses what; the quick part is loaded without."""
    call_command("rebuild_references_index", verbosity=0)
