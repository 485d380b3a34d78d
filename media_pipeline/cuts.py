"""Where a lecture is cut into chunks: at frames that its content chooses, so that an edit moves no other cut. Pure.

A frame is a candidate when nothing within `least` around it has a higher priority: the largest changes of picture come
first, then a hash of the frames around, so that a cut depends only on what is near it and not on where the film begins
(local-maximum chunking; Bjørner, Blass, Gurevich 2010). Longer gaps are divided by the same rule inside the gap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from media_pipeline.scan import Scan

_CONTEXT = 4
"""Frames whose hashes make the tie-breaking priority of one: a still picture alone says nothing about its place."""


@dataclass(frozen=True)
class CutPolicy:
    """Seconds a chunk lasts at least and at most; and the change from which a frame counts as a new picture."""

    least_s: float = 20.0
    most_s: float = 60.0
    scene: float = 0.3


Priority = tuple[float, str]


def _priorities(scan: Scan, policy: CutPolicy) -> list[Priority]:
    """Of each frame: its change where that is a new picture, else 0; then what the frames around look like."""
    hashes = scan.hashes
    found = []
    for frame, move in enumerate(scan.moves):
        around = hashes[max(0, frame - 1) : frame + _CONTEXT]
        still = len(set(around)) <= 1
        scene = move if move >= policy.scene else 0.0
        # Frames that look alike have no order of their own: none of them is a candidate.
        found.append((-1.0, "") if still and not scene else (scene, hashes[frame][:12]))
    return found


def _window_best(priorities: Sequence[Priority], radius: int) -> list[Priority]:
    """For each frame the highest priority within `radius` frames on both sides (a sliding maximum)."""
    best: list[Priority] = []
    waiting: deque[int] = deque()
    for right in range(len(priorities) + radius):
        if right < len(priorities):
            while waiting and priorities[waiting[-1]] <= priorities[right]:
                waiting.pop()
            waiting.append(right)
        middle = right - radius
        if middle >= 0:
            while waiting[0] < middle - radius:
                waiting.popleft()
            best.append(priorities[waiting[0]])
    return best


def find_cuts(scan: Scan, policy: CutPolicy | None = None) -> list[int]:
    """The first frame of every chunk; the first is 0.

    Every chunk but a whole short film lasts at least `least_s`, and none longer than `most_s`.
    """
    policy = policy or CutPolicy()
    least = max(1, round(scan.rate * policy.least_s))
    most = max(2 * least, round(scan.rate * policy.most_s))
    return spaced_cuts(_priorities(scan, policy), least, most)


def spaced_cuts(priorities: Sequence[Priority], least: int, most: int) -> list[int]:
    """The first frame of every chunk, chosen by the priority of a cut before each frame.

    Args:
        priorities: one a frame; below 0 for frames that are no candidates.
        least, most: frames a chunk lasts at least and at most; `most` is at least twice `least`.
    """
    frames = len(priorities)
    best = _window_best(priorities, least)
    cuts, previous = [0], 0
    for frame, priority in enumerate(priorities):
        if priority[0] < 0 or priority != best[frame] or frame - previous < least or frames - frame < least:
            continue
        cuts.append(frame)
        previous = frame
    return _divided(cuts, priorities, frames, least, most)


def _divided(cuts: list[int], priorities: Sequence[Priority], frames: int, least: int, most: int) -> list[int]:
    """Cut gaps above `most` at their best frame, again and again; where all look alike, after `least` each time."""
    result: list[int] = []
    gaps = [(start, end) for start, end in zip(cuts, [*cuts[1:], frames], strict=True)][::-1]
    while gaps:
        start, end = gaps.pop()
        if end - start <= most:
            result.append(start)
            continue
        inside = range(start + least, end - least + 1)
        middle = max(inside, key=lambda frame: (priorities[frame], -frame))
        if priorities[middle][0] < 0:
            middle = start + least
        gaps += [(middle, end), (start, middle)]
    return result
