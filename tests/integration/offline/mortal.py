"""Somebody who builds packages and takes lessons down, and dies of it when told to (see `build_process`)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOMS = ("OBJECTS_DIR", "PUBLIC_TREE_DIR", "KEYS_DIR", "WORK_DIR", "MEDIA_ROOT")


class Mortal:
    """A process whose children act; each answer is the child's exit status and how many steps it took."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def build(self, build_id: int, *, killed_before: int = 0) -> tuple[int, int]:
        """Run the build."""
        return self._do("build", build_id, killed_before)

    def unpublish(self, lesson_id: int, *, killed_before: int = 0) -> tuple[int, int]:
        """Take the lesson down."""
        return self._do("unpublish", lesson_id, killed_before)

    def take_drop(self, author_id: int, *, killed_before: int = 0) -> tuple[int, int]:
        """Take in what lies in the drop folder below the root."""
        return self._do("drop", author_id, killed_before)

    def _do(self, verb: str, key: int, killed_before: int) -> tuple[int, int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{verb} {key} {killed_before}\n")
        self._process.stdin.flush()
        status, steps = map(int, self._process.stdout.readline().split())
        return status, steps


@contextmanager
def mortal_process(root: Path) -> Iterator[Mortal]:
    """One over the test's database and folders; changes below `root` count as steps."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    changes = {
        "database": {name: str(connection.settings_dict.get(name) or "") for name in names},
        "rooms": {name: str(getattr(settings, name)) for name in ROOMS},
        "root": str(root),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.offline.build_process", json.dumps(changes)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Mortal(process)
