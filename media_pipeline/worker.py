"""The worker process: quick tasks in the main thread, transcodes beside them, a sweeper that loses no job."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from django.conf import settings
from django.db import close_old_connections, connections
from django.db.utils import OperationalError
from django.utils.crypto import get_random_string
from django_tasks import task_backends
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from media_pipeline import jobs
from media_pipeline.models import TranscodeJob
from media_pipeline.signals import swept
from media_pipeline.tasks import TRANSCODE_QUEUE, transcode

logger = logging.getLogger(__name__)

SWEEP_EVERY_S = 3.0
HEARTBEAT_FILE = "worker-heartbeat"
"""Touched in STATE_DIR with every sweep; the health page reads its age."""
_JOIN_S = 10.0


def uses_database_tasks() -> bool:
    """Whether tasks lie in the database (embedded), not in Redis (many machines)."""
    return isinstance(task_backends["default"], DatabaseBackend)


def task_waiting(job: TranscodeJob) -> bool:
    """Whether a task for the job lies in the queue; another backend than the database can't tell, hence False."""
    if not uses_database_tasks():
        return False
    return (
        DBTaskResult.objects.ready()
        .filter(task_path=transcode.module_path, args_kwargs={"args": [job.pk], "kwargs": {}})
        .exists()
    )


def task_loop(queues: list[str], *, interval_s: float = 0.5) -> Worker:
    """A loop over some queues of the database backend; `run()` blocks until `running` is set to False."""
    return Worker(
        queue_names=queues,
        interval=interval_s,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )


class WorkerProcess:
    """Everything one `run_worker` does.

    Args:
        transcoders: transcodes at the same time in this process; none leaves the encoding to others.
        tasks: whether this process runs the quick tasks.
    """

    def __init__(self, *, transcoders: int, tasks: bool) -> None:
        own_queues = uses_database_tasks()
        self._loops = [task_loop([TRANSCODE_QUEUE]) for _number in range(transcoders if own_queues else 0)]
        self._main = task_loop(["default"]) if tasks and own_queues else None
        self._threads: list[threading.Thread] = []

    def stop(self, signum: int | None = None, _frame: FrameType | None = None) -> None:
        """End soon: running encoders are killed and their jobs handed back; a quick task runs to its end."""
        if signum is not None:
            logger.info("worker stops on %s", signal.strsignal(signum))
        jobs.stopping.set()
        for loop in [*self._loops, *([self._main] if self._main else [])]:
            loop.running = False

    def run(self) -> None:
        """Work until `stop`; to be called in the main thread."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        self._start("sweeper", self._sweep)
        for number, loop in enumerate(self._loops, 1):
            self._start(f"transcoder-{number}", lambda loop=loop: self._guarded(loop))
        if self._main is not None:
            self._guarded(self._main)
        jobs.stopping.wait()
        for thread in self._threads:
            thread.join(_JOIN_S)

    def _start(self, name: str, target: object) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _guarded(self, loop: Worker) -> None:
        """Run a task loop again after an error of the database, until told to stop."""
        while not jobs.stopping.is_set():
            try:
                loop.run()
            except OperationalError:
                logger.exception("the task queue could not be read; trying again")
                jobs.stopping.wait(2.0)
        connections.close_all()

    def _sweep(self) -> None:
        while not jobs.stopping.is_set():
            try:
                self._sweep_once()
            except Exception:
                # A sweeper that died would lose jobs silently: whatever it met, it goes on at its next turn.
                logger.exception("a sweep failed; the next one follows")
            jobs.stopping.wait(SWEEP_EVERY_S)
        connections.close_all()

    def _sweep_once(self) -> None:
        close_old_connections()
        (settings.STATE_DIR / HEARTBEAT_FILE).touch()
        try:
            jobs.sweep(task_waiting, policy=jobs.configured_policy())
        except OperationalError:
            logger.warning("sweep postponed: the database is busy")
        swept.send_robust(sender=WorkerProcess)
