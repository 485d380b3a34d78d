"""How much more counts what was published lately. Pure; both engines use these numbers."""

from __future__ import annotations

GAIN = 0.3
"""What was published just now counts 1.3 times as much (search.md §2: at most)."""
HALF_LIFE_S = 365 * 86_400
"""After a year half of the gain is left."""


def factor(published_s: int, now_s: float) -> float:
    """From 1 to 1 + `GAIN`; 1 when it is not known when it was published (0)."""
    if published_s <= 0:
        return 1.0
    return 1 + GAIN * 0.5 ** (max(now_s - published_s, 0) / HALF_LIFE_S)
