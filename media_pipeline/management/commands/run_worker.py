"""Run a worker: background tasks, transcodes and the sweeper of lost jobs."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from media_pipeline.worker import WorkerProcess


class Command(BaseCommand):
    """`manage.py run_worker`; any number of them may run, on one machine or on several."""

    help = "运行后台任务与转码。可同时运行多个。 / Runs background tasks and transcodes; several may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add how much this process does."""
        parser.add_argument("--transcoders", type=int, default=1, help="Transcodes at the same time (default 1).")
        parser.add_argument("--no-tasks", action="store_true", help="Leave quick tasks to other workers.")

    def handle(self, *, transcoders: int, no_tasks: bool, verbosity: int, **options: Any) -> None:
        """Work until SIGTERM or SIGINT."""
        logging.getLogger("media_pipeline").setLevel(logging.INFO if verbosity > 1 else logging.WARNING)
        logging.getLogger("django_tasks").setLevel(logging.INFO if verbosity > 1 else logging.WARNING)
        self.stdout.write("worker ready")
        self.stdout.flush()
        WorkerProcess(transcoders=max(0, transcoders), tasks=not no_tasks).run()
