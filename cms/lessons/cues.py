"""One subtitle, however it was written. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT_CUES = 20_000


@dataclass(frozen=True)
class Cue:
    """One subtitle: seconds from the start, and its text (lines separated by a line feed)."""

    start_s: float
    end_s: float
    text: str
