"""`manage.py load_demo`: the demo's content; quick, and safe to run at every start."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.codes import printed
from demo import lectures
from demo.library import PASSWORD, library
from demo.loading import load, unused_codes
from demo.progress import State
from offline.packages.models import OfflinePackage, PackageBuild

POLL_S = 2.0


class Command(BaseCommand):
    help = "装载演示内容（可重复运行）。 Load the demo; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", action="store_true", help="Run a worker until all is made.")
        parser.add_argument("--accounts", action="store_true", help="Only print the demo's accounts.")
        parser.add_argument("--status", action="store_true", help="Only print how far the lectures are.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["status"]:
            self._print_status()
            return
        if not options["accounts"]:
            logging.getLogger("wagtail").setLevel(logging.WARNING)  # hundreds of lines about a normal day's work
            load(timezone.localdate())
        self._print_accounts()
        if options["wait"]:
            self._wait()

    def _print_accounts(self) -> None:
        if not lectures.is_loading():
            self.stdout.write(f"\n演示内容已全部装好 the demo is complete: {settings.WAGTAILADMIN_BASE_URL}/")
        names = " / ".join(row["username"] for row in library().people["accounts"])
        self.stdout.write(f"演示账号 demo accounts: {names}")
        self.stdout.write(f"密码 password: {PASSWORD}")
        for member, code in unused_codes().items():
            self.stdout.write(f"一次性激活码 one-time code ({member}): {printed(code)}  → /join/")

    def _print_status(self) -> None:
        states = lectures.states()
        for slug, state in states.items():
            self.stdout.write(f"{state.value:12} {slug}")
        self.stdout.write(", ".join(f"{state.value} {count}" for state, count in Counter(states.values()).items()))

    def _wait(self) -> None:
        """Run a worker of our own until nothing is left to do."""
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "run_worker"]
        worker = subprocess.Popen(command)
        try:
            while not _finished():
                if worker.poll() is not None:
                    raise CommandError("后台进程意外退出。 The worker ended unexpectedly.")
                time.sleep(POLL_S)
        finally:
            worker.terminate()
            worker.wait(timeout=60)
        failed = [slug for slug, state in lectures.states().items() if state is State.FAILED]
        if failed:
            raise CommandError(f"没有完成 not finished: {', '.join(failed)}")


def _finished() -> bool:
    """Whether the loading has ended and no build of the package is under way."""
    if lectures.is_loading():
        return False
    return not PackageBuild.objects.unfinished().filter(package__in=OfflinePackage.objects.all()).exists()
