"""One at a time: among the processes of a machine by a file, among machines by the database."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Wait for the file's lock and hold it; a killed holder frees it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def shared_lock(name: str) -> Iterator[None]:
    """The same among all machines on one PostgreSQL; with a database in a file there is only one machine.

    An advisory lock of a transaction: it ends with the connection at the latest, whatever dies. Each statement
    inside sees what others have committed (READ COMMITTED, Django's default).
    """
    if connection.vendor != "postgresql":
        with file_lock(Path(settings.WORK_DIR) / f"{name}.lock"):
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(name)])
        yield


def _number(name: str) -> int:
    digest = hashlib.sha256(f"gaoyuan {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
