"""Each sweep of a worker carries the demo on: after a kill it goes on by itself."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.dispatch import receiver
from django_tasks_db.models import DBTaskResult

from demo import lectures
from demo.tasks import make_lecture
from media_pipeline.signals import swept
from media_pipeline.worker import uses_database_tasks


@receiver(swept, dispatch_uid="demo.swept")
def on_swept(sender: Any, **kwargs: Any) -> None:
    """Publish what is ready, and enqueue the next lecture unless one is waiting or being made."""
    if not lectures.is_loading():
        return
    steps = lectures.advance()
    if steps is not None and steps.finished:
        call_command("load_demo", accounts=True)  # what the start printed has been pushed away meanwhile
    if steps is not None and steps.make is not None and not lectures.is_being_made() and not _waiting():
        make_lecture.enqueue(steps.make)


def _waiting() -> bool:
    """Whether a lecture lies in the queue. Only the database backend can tell; the demo needs that one."""
    if not uses_database_tasks():
        return True
    return bool(DBTaskResult.objects.ready().filter(task_path=make_lecture.module_path).exists())
