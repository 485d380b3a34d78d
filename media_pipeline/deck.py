"""The deck: a slide lecture as pictures with the times they are shown from (media.md §3). Pure.

The object is the WebP files one after the other; its index says where each ends and when it is shown, in the manner of
a segment index: one list used for playing, for verifying and for fetching only what changed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from media_pipeline.classify import Classified, Content
from media_pipeline.presets import DeckRung
from media_pipeline.scan import Scan

FORMAT_VERSION = 1
_LEAST_SHOWN_S = 1.5
_LEFT_BY_A_STEP = 0.92
"""What a step down a rung's qualities leaves of the bytes of slides with Chinese text; 0.89 to 0.93 measured."""
_SETTLED_SHARE = 0.6
"""A slide is taken from this far into the time it is shown: whatever is faded in or written on it is there by then."""


@dataclass(frozen=True)
class SlideTime:
    """A slide is shown from the frame `start` on and looks like the frame `picture`."""

    start: int
    picture: int


def slide_times(scan: Scan, found: Classified, rung: DeckRung) -> list[SlideTime]:
    """The slides of a lecture; none where the picture moves or changes too much for a deck."""
    if found.content is Content.TALKING or found.changes_a_minute > rung.most_a_minute:
        return []
    least = max(1, round(scan.rate * _LEAST_SHOWN_S))
    starts = [0]
    for change in found.changes:
        if change - starts[-1] >= least:
            starts.append(change)
    slides: list[SlideTime] = []
    seen = ""
    for start, end in zip(starts, [*starts[1:], scan.frames], strict=True):
        picture = min(end - 1, start + round((end - start) * _SETTLED_SHARE))
        if scan.hashes[picture] != seen:
            slides.append(SlideTime(start, picture))
        seen = scan.hashes[picture]
    return slides


@dataclass(frozen=True)
class Slide:
    """One packed slide: its bytes, the millisecond it is shown from, the SHA-256 of its WebP file."""

    length: int
    start_ms: int
    sha256: str


@dataclass(frozen=True)
class DeckIndex:
    """All about one deck object."""

    object_sha256: str
    width: int
    height: int
    slides: tuple[Slide, ...]

    @property
    def length(self) -> int:
        """Bytes of the object."""
        return sum(slide.length for slide in self.slides)

    def as_json(self) -> dict[str, Any]:
        """The object of the specification, format version 1."""
        return {
            "v": FORMAT_VERSION,
            "object": self.object_sha256,
            "length": self.length,
            "mime": "image/webp",
            "width": self.width,
            "height": self.height,
            "slides": [[slide.length, slide.start_ms, slide.sha256] for slide in self.slides],
        }

    def as_bytes(self) -> bytes:
        """The canonical bytes: no spaces, keys as above."""
        return json.dumps(self.as_json(), separators=(",", ":")).encode()


def pack(pictures: Sequence[bytes], starts_ms: Sequence[int], *, width: int, height: int) -> tuple[bytes, DeckIndex]:
    """The object and its index.

    Raises:
        ValueError: not one time for each picture, or none at all.
    """
    if not pictures or len(pictures) != len(starts_ms):
        raise ValueError("a deck has one time for each picture")
    content = b"".join(pictures)
    slides = tuple(
        Slide(len(picture), start, hashlib.sha256(picture).hexdigest())
        for picture, start in zip(pictures, starts_ms, strict=True)
    )
    return content, DeckIndex(hashlib.sha256(content).hexdigest(), width, height, slides)


def next_quality(qualities: Sequence[int], tried: int, kbps: float, cap_kbps: float) -> int | None:
    """What to try after a quality that gave too many kbit/s; those that surely give too many are passed over.

    Args:
        qualities: from good to poor.

    Returns:
        None after the last.
    """
    place, last = qualities.index(tried), len(qualities) - 1
    if place == last:
        return None
    steps = math.ceil(math.log(cap_kbps / kbps) / math.log(_LEFT_BY_A_STEP))
    return qualities[min(last, place + max(1, steps))]


def mean_kbps(length: int, duration_s: float) -> float:
    """Mean kbit/s of so many bytes over a lecture."""
    return length * 8 / 1000 / duration_s if duration_s else 0.0
