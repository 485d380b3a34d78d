"""Cutting a transcript into windows that remember to the cue when something is said.

Pure. A window is about 30 s long (search.md §2). It also carries the beginning of the next one, so that a phrase
across the border is found; `cues` keeps the exact start of every cue, so that a hit leads to its second.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from search.analysis import is_ideographic

WINDOW_S = 30.0
_TAIL_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class SpokenCue:
    """What is said from `start_s` to `end_s` (seconds of the lecture)."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of transcript; `cues` holds (character of `text`, second) for each cue in it."""

    start_s: float
    end_s: float
    text: str
    cues: tuple[tuple[int, float], ...]


def _separator(before: str, after: str) -> str:
    """Nothing between Chinese lines, since subtitles break in mid-sentence; a space between words."""
    if not before or is_ideographic(before[-1]) or is_ideographic(after[0]):
        return ""
    return " "


def _window(own: Sequence[SpokenCue], following: Sequence[SpokenCue]) -> Window:
    text = ""
    places: list[tuple[int, float]] = []
    tail = 0
    for position, cue in enumerate([*own, *following]):
        if position >= len(own):
            if tail >= _TAIL_CHARACTERS:
                break
            tail += len(cue.text)
        text += _separator(text, cue.text)
        places.append((len(text), cue.start_s))
        text += cue.text
    return Window(own[0].start_s, max(cue.end_s for cue in own), text, tuple(places))


def windows(cues: Sequence[SpokenCue], *, length_s: float = WINDOW_S) -> list[Window]:
    """Windows over cues in any order; cues without text are left out."""
    spoken = [
        SpokenCue(cue.start_s, cue.end_s, " ".join(cue.text.split()))
        for cue in sorted(cues, key=lambda each: (each.start_s, each.end_s))
        if cue.text.strip()
    ]
    result: list[Window] = []
    first = 0
    while first < len(spoken):
        end = first
        while end < len(spoken) and spoken[end].start_s < spoken[first].start_s + length_s:
            end += 1
        result.append(_window(spoken[first:end], spoken[end:]))
        first = end
    return result


def second_at(cues: Sequence[Sequence[float]], position: int) -> float | None:
    """The start of the cue that holds character `position` of its window's text."""
    index = bisect_right([place for place, _second in cues], position) - 1
    return float(cues[index][1]) if index >= 0 else None
