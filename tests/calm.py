"""A calm machine for the moments in which seconds count, while parts of the suite share it.

`scripts/test.py` names a lock: each test holds it together with others, and who measures against a stated limit holds
it alone, after the tests that run beside have ended and before the next ones begin. Whoever wants it passes a gate
first, or one who wants it alone would never find a moment in which none of the others has it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TextIO

LOCK = "TEST_CALM_LOCK"
"""The environment variable with the lock's path; without it, nothing runs beside."""


@lru_cache(maxsize=1)
def _lock_and_gate() -> tuple[TextIO, TextIO] | None:
    path = os.environ.get(LOCK)
    return (Path(path).open("a"), Path(f"{path}.gate").open("a")) if path else None


@contextmanager
def beside_others() -> Iterator[None]:
    """While a test runs."""
    if (both := _lock_and_gate()) is None:
        yield
        return
    lock, gate = both
    fcntl.flock(gate, fcntl.LOCK_EX)
    fcntl.flock(lock, fcntl.LOCK_SH)
    fcntl.flock(gate, fcntl.LOCK_UN)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


@contextmanager
def alone() -> Iterator[None]:
    """Inside a test: while a limit in seconds is measured."""
    if (both := _lock_and_gate()) is None:
        yield
        return
    lock, gate = both
    fcntl.flock(lock, fcntl.LOCK_UN)  # Or two who want it alone would wait for each other.
    fcntl.flock(gate, fcntl.LOCK_EX)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
