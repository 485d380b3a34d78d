"""What kind of picture a lecture has: somebody talking, slides, or both (media.md §4). Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from enum import StrEnum

from media_pipeline.scan import Scan

_STILL = 0.05
"""Per cent of full scale below which nobody sees a frame differ; a presenter's small inset stays below, too."""
_CHANGE = 0.3
_STANDS_OUT = 6.0
"""A new slide differs this many times as much as frames around it usually do."""
_SLIDES_FROM, _MIXED_FROM = 0.90, 0.50
_MIN_APART_S = 2.0


class Content(StrEnum):
    """Classes of picture."""

    TALKING = "talking"
    SLIDES = "slides"
    MIXED = "mixed"


@dataclass(frozen=True)
class Classified:
    """The class and why.

    Attributes:
        still_share: share of frames in which nothing to speak of moves.
        changes: first frames of new pictures.
        changes_a_minute: how often the picture is replaced.
    """

    content: Content
    still_share: float
    changes: tuple[int, ...]
    changes_a_minute: float


def classify(scan: Scan) -> Classified:
    """The class of a scanned source."""
    still_share = sum(move < _STILL for move in scan.moves) / scan.frames
    usual = statistics.median(scan.moves)
    threshold = max(_CHANGE, _STANDS_OUT * usual)
    apart = max(1, round(scan.rate * _MIN_APART_S))
    changes: list[int] = []
    for frame, move in enumerate(scan.moves):
        if move >= threshold and frame and (not changes or frame - changes[-1] >= apart):
            changes.append(frame)
    content = Content.TALKING
    if still_share >= _SLIDES_FROM:
        content = Content.SLIDES
    elif still_share >= _MIXED_FROM:
        content = Content.MIXED
    minutes = scan.seconds(scan.frames) / 60
    return Classified(
        content, round(still_share, 4), tuple(changes), round(len(changes) / minutes, 2) if minutes else 0.0
    )
