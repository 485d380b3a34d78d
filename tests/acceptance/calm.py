"""A calm machine for the moments in which seconds count, while two parts of the suite share it.

`scripts/test.py` names a lock: each browser test holds it together with others, and who measures against a stated
limit holds it alone, after the test that runs beside has ended and before the next one begins.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TextIO

LOCK = "TEST_CALM_LOCK"
"""The environment variable with the lock's path; without it, nothing runs beside."""


@lru_cache(maxsize=1)
def _lock() -> TextIO | None:
    path = os.environ.get(LOCK)
    return Path(path).open("a") if path else None


@contextmanager
def _held(kind: int, then: int) -> Iterator[None]:
    lock = _lock()
    if lock is not None:
        fcntl.flock(lock, kind)
    try:
        yield
    finally:
        if lock is not None:
            fcntl.flock(lock, then)


def beside_others() -> AbstractContextManager[None]:
    """While a browser test runs."""
    return _held(fcntl.LOCK_SH, fcntl.LOCK_UN)


def alone() -> AbstractContextManager[None]:
    """Inside a test: while a limit in seconds is measured."""
    return _held(fcntl.LOCK_EX, fcntl.LOCK_SH)
