"""The production task queue: Redis, worked off by `manage.py rqworker`."""

from __future__ import annotations

from django_tasks_rq import RQBackend


class RedisBackend(RQBackend):
    """Takes a task's priority for the wish it is: Redis works a queue in order, so the wish has no effect here.

    Without this, declaring a task with a priority (for the embedded queue) would be an error in production.
    """

    supports_priority = True
