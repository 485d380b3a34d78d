"""Where the health checks get their facts from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min
from django_tasks_db.models import DBTaskResult

from media_pipeline.collecting import Note, last_note
from media_pipeline.models import TranscodeJob
from media_pipeline.worker import HEARTBEAT_FILE, uses_database_tasks

LONGEST_SEARCH_LAG = timedelta(minutes=1)


class NotWorking(Exception):
    """A check found something that a person has to see to."""


def worker_seen_at() -> datetime | None:
    """When a worker last reported: by its heartbeat file, to Redis, or by the heartbeat of a job it works on."""
    seen = [_heartbeat_file(), TranscodeJob.objects.aggregate(last=Max("heartbeat_at"))["last"]]
    if not uses_database_tasks():
        seen.append(_redis_worker_seen_at())
    return max((moment for moment in seen if moment is not None), default=None)


def _heartbeat_file() -> datetime | None:
    try:
        modified = (settings.STATE_DIR / HEARTBEAT_FILE).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(modified, UTC)


def _redis_worker_seen_at() -> datetime | None:
    import django_rq
    from rq import Worker

    workers = Worker.all(connection=django_rq.get_connection("default"))
    return max((w.last_heartbeat for w in workers if w.last_heartbeat is not None), default=None)


def is_worker_busy() -> bool:
    """Whether a transcode is running, which other tasks wait for."""
    return TranscodeJob.objects.unfinished().filter(lease_expires_at__gt=datetime.now(UTC)).exists()


def waiting_tasks() -> tuple[int, datetime | None]:
    """How many tasks wait and since when the oldest does (database backend; Redis: the count only)."""
    if not uses_database_tasks():
        import django_rq

        return sum(django_rq.get_queue(name).count for name in settings.TASKS["default"]["QUEUES"]), None
    ready = DBTaskResult.objects.ready()
    return ready.count(), ready.aggregate(oldest=Min("enqueued_at"))["oldest"]


def last_collection() -> Note | None:
    """How the last collection of unreferenced objects went."""
    return last_note()


def search_state() -> str:
    """How many documents the search knows, and whether Elasticsearch, if there is one, has taken over its changes."""
    from search import outbox
    from search.models import SearchDocument

    lag = outbox.lag()
    if lag.oldest is not None and datetime.now(UTC) - lag.oldest > LONGEST_SEARCH_LAG:
        raise NotWorking(
            f"Elasticsearch 还缺 {lag.unsent} 处改动，现由本机索引应答 / "
            f"Elasticsearch lacks {lag.unsent} changes, the embedded index answers"
        )
    count = SearchDocument.objects.count()
    return f"{count} 篇 / {count} documents"
