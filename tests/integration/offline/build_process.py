"""Builds a package or takes a lesson down in a process of its own; when told to, is killed in the midst of it.

Started as `python -m tests.integration.offline.build_process SETTINGS`, where SETTINGS is JSON. Each line of its
standard input is `build <build id> <step>`, `unpublish <lesson id> <step>` or `drop <author's id> <step>`; it forks,
and the child does it and sends itself SIGKILL before the step of that number (0: never). A step is whatever leaves a
trace: a file below the test's folder opened for writing, renamed, linked or removed, or a statement sent to the
database. Each is answered with one line: `<exit status, negative for a signal> <steps taken>`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_CHANGES = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod"})


class Steps:
    """Counts the steps in shared memory of the file system, since a killed process says nothing."""

    def __init__(self, fatal: int, counter: int) -> None:
        self._fatal = fatal
        self._counter = counter
        self._taken = 0

    def take(self) -> None:
        """Count a step about to be taken; do not survive the fatal one."""
        self._taken += 1
        if self._taken == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        os.pwrite(self._counter, str(self._taken).encode(), 0)

    def watch_files(self, root: str) -> None:
        """Take every change below `root` for a step; lasts as long as the process."""

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            is_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if (is_write or event in _CHANGES) and str(arguments[0]).startswith(root):
                self.take()

        sys.addaudithook(hook)

    def watch_statements(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """A wrapper for Django's `connection.execute_wrapper`."""
        self.take()
        return execute(*arguments)


def act(verb: str, key: int, steps: Steps, root: str) -> None:
    """Run one build as the worker does, or one take-down as the admin does."""
    from django.db import connection

    from cms.lessons.models import Lesson
    from offline.packages import services

    steps.watch_files(root)
    with connection.execute_wrapper(steps.watch_statements):
        if verb == "build":
            services.run_build(key, clock=lambda: datetime.now(UTC), dispatch=lambda _build: None)
        elif verb == "drop":
            take_drop(key, Path(root) / "drop")
        else:
            Lesson.objects.get(pk=key).unpublish()


def take_drop(author: int, folder: Path) -> None:
    """Look at a drop folder twice, long enough apart that what lies there has arrived."""
    from accounts.models import User
    from cms.lessons.drop_folder import DropFolder

    clock = iter([0.0, 1e9])
    drop = DropFolder(folder, author=User.objects.get(pk=author), clock=lambda: next(clock))
    drop.take()
    drop.take()


def main() -> None:
    """Prepare Django once, then a child for every line."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django
    from django.conf import settings

    changes = json.loads(sys.argv[1])
    ours = settings.DATABASES["default"]
    is_same_kind = ours["ENGINE"] == changes["database"]["ENGINE"]
    # Options are of one kind of database: SQLite's would be refused by PostgreSQL.
    settings.DATABASES["default"] = {**(ours if is_same_kind else {}), **changes["database"]}
    for name, value in changes["rooms"].items():
        setattr(settings, name, Path(value))
    django.setup()
    counter_file = Path(changes["root"]).with_suffix(".steps")
    for line in sys.stdin:
        verb, key, fatal = line.split()
        counter = os.open(counter_file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        child = os.fork()
        if child == 0:
            act(verb, int(key), Steps(int(fatal), counter), changes["root"])
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        taken = os.pread(counter, 20, 0).decode() or "0"
        os.close(counter)
        print(os.waitstatus_to_exitcode(status), taken, flush=True)


if __name__ == "__main__":
    main()
