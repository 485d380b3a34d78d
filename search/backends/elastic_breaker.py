"""When to ask an engine that has failed again. Pure apart from a lock; the clock is passed in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 30.0


@dataclass(slots=True)
class Breaker:
    """Closed while all is well. After a failure it is open for a pause, which doubles with each further failure.

    After the pause one caller may try; the others are turned away until that one has told how it went, or until
    another pause is over, since a caller may never come back.
    """

    clock: Callable[[], float] = time.monotonic
    _pause_s: float = 0.0
    _open_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self) -> bool:
        """Whether the engine may be asked now. Who gets a yes must report `succeeded` or `failed`."""
        with self._lock:
            if not self._pause_s:
                return True
            if self.clock() < self._open_until:
                return False
            self._open_until = self.clock() + self._pause_s
            return True

    def succeeded(self) -> None:
        """The engine has answered."""
        with self._lock:
            self._pause_s = 0.0

    def failed(self) -> None:
        """The engine has not answered."""
        with self._lock:
            self._pause_s = min(self._pause_s * 2 or FIRST_PAUSE_S, LONGEST_PAUSE_S)
            self._open_until = self.clock() + self._pause_s
