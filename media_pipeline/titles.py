"""The quality of each title: what is tried, what the trials say, which rungs earn their place (media.md §4). Pure."""

from __future__ import annotations

import itertools
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from media_pipeline.classify import Classified
from media_pipeline.presets import Search
from media_pipeline.scan import Scan

WINDOWS = 4
"""Of a film's reel."""
_WINDOW_S = (1.0, 2.0)
_REEL_SHARE = 1 / 12
"""Of a short film no more than this is tried, so that looking never costs as much as encoding."""
_BEFORE_CHANGE_S = 0.5
_LEAST_S = 12.0
_LEAST_SIDE = 32
"""Pixels; libvmaf crashes over less."""


@dataclass(frozen=True)
class Trial:
    """What one encode of the reel gave: VMAF mean, its 5th percentile, and kbit/s."""

    crf: float
    vmaf: float
    p5: float
    kbit_s: float


@dataclass(frozen=True)
class Choice:
    """The quality chosen for a rung, the VMAF it was to reach, and the trials it was chosen from."""

    target: float
    crf: float
    vmaf: float
    p5: float
    kbit_s: float
    trials: tuple[Trial, ...]

    def as_json(self) -> dict[str, object]:
        """For `TranscodeJob.plan`."""
        reel = [[trial.crf, trial.vmaf, trial.kbit_s] for trial in self.trials]
        return {
            "target": self.target,
            "crf": self.crf,
            "vmaf": self.vmaf,
            "vmaf_p5": self.p5,
            "kbit_s": self.kbit_s,
            "reel": reel,
        }


def can_be_scored(width: int, height: int) -> bool:
    """Whether VMAF can say anything about a picture of that size."""
    return min(width, height) >= _LEAST_SIDE


def is_worth_trying(seconds: float) -> bool:
    """Whether trials tell more of a film than they cost; a shorter one is encoded with the preset's own numbers."""
    return seconds >= _LEAST_S


def window_s(seconds: float) -> float:
    """Seconds of one window of a film's reel."""
    return min(_WINDOW_S[1], max(_WINDOW_S[0], seconds * _REEL_SHARE / WINDOWS))


def reel_windows(scan: Scan, found: Classified) -> list[tuple[int, int]]:
    """The frames of the reel: one window in each quarter of the film, over a change of picture where there is one.

    Of a film that is too short for that, its middle.
    """
    each = max(1, math.floor(scan.rate * window_s(scan.seconds(scan.frames))))
    if not is_worth_trying(scan.seconds(scan.frames)) or each * WINDOWS > scan.frames:
        each = min(each, scan.frames)
        start = (scan.frames - each) // 2
        return [(start, start + each)]
    windows = []
    quarter = scan.frames // WINDOWS
    lead = round(scan.rate * _BEFORE_CHANGE_S)
    for number in range(WINDOWS):
        first, last = number * quarter, (number + 1) * quarter - each
        inside = [change - lead for change in found.changes if first <= change - lead <= last]
        start = inside[len(inside) // 2] if inside else (first + last) // 2
        windows.append((start, start + each))
    return windows


def read_vmaf(log: str) -> tuple[float, float]:
    """Mean and 5th percentile out of libvmaf's JSON log.

    Raises:
        ValueError: it holds no scores.
    """
    frames = json.loads(log)["frames"]
    scores = sorted(float(frame["metrics"]["vmaf"]) for frame in frames)
    if not scores:
        raise ValueError("no scores")
    return round(statistics.fmean(scores), 2), round(scores[int(0.05 * (len(scores) - 1))], 2)


def next_crf(trials: Sequence[Trial], search: Search, content: str) -> float | None:
    """What to try next, halving the factors that are left; None once the trials on both sides of the target are known.

    The middle decides which half the target lies in, so nothing is encoded in the other.
    """
    target = search.targets[content]
    left = list(search.crfs)
    for trial in trials:
        place = left.index(round(trial.crf))
        left = left[place + 1 :] if _reaches(trial, target, search) else left[:place]
    return float(left[len(left) // 2]) if left else None


def choose(trials: Sequence[Trial], search: Search, content: str) -> Choice:
    """The coarsest quality that reaches the target for this class, between and at the trials.

    Where even the finest trial stays below, that one is taken; where the coarsest is good enough, that one.
    """
    ordered = tuple(sorted(trials, key=lambda trial: trial.crf))
    target = search.targets[content]
    good = [ordered[0]]
    for finer, coarser in itertools.pairwise(ordered):
        steps = max(1, round(coarser.crf - finer.crf))
        good += [
            trial
            for step in range(1, steps + 1)
            if _reaches(trial := _between(finer, coarser, step / steps), target, search)
        ]
    best = max(good, key=lambda trial: trial.crf)
    return Choice(target, best.crf, best.vmaf, best.p5, best.kbit_s, ordered)


def _reaches(trial: Trial, target: float, search: Search) -> bool:
    return trial.vmaf >= target and trial.p5 >= target - search.p5_below


def _between(finer: Trial, coarser: Trial, share: float) -> Trial:
    def mix(a: float, b: float) -> float:
        return round(a + (b - a) * share, 2)

    rate = finer.kbit_s * (coarser.kbit_s / finer.kbit_s) ** share if finer.kbit_s and coarser.kbit_s else finer.kbit_s
    crf = round(mix(finer.crf, coarser.crf))
    return Trial(crf, mix(finer.vmaf, coarser.vmaf), mix(finer.p5, coarser.p5), round(rate, 1))


def earns_its_place(*, above_vmaf: float, below_vmaf: float, min_gain: float) -> bool:
    """Whether a larger rung looks enough better than the one below it, both seen at its size (media.md §3)."""
    return above_vmaf - below_vmaf >= min_gain


@dataclass(frozen=True)
class Inherited:
    """How an earlier version of a lecture was encoded: quality by rung, and as which class of content."""

    qualities: dict[str, float]
    content: str
    why: dict[str, float] = field(default_factory=dict)
    """The numbers that the class was told by."""


def inherited(stored: Mapping[str, object], names: Sequence[str]) -> Inherited | None:
    """How an earlier version of the same lecture was encoded; None unless it has all of the rungs or dropped them.

    Args:
        stored: `TranscodeJob.plan` of the earlier source.
        names: rungs that are wanted.
    """
    qualities = stored.get("qualities")
    dropped = stored.get("dropped")
    if not isinstance(qualities, Mapping):
        return None
    gone = set(dropped) if isinstance(dropped, Mapping) else set()
    if any(name not in qualities and name not in gone for name in names):
        return None
    found = {name: float(qualities[name]) for name in names if name in qualities}
    why = stored.get("why")
    return Inherited(found, str(stored.get("class", "")), dict(why) if isinstance(why, Mapping) else {})


def explained(found: Classified, known: Inherited | None) -> dict[str, Any]:
    """The class to encode as and why, for `TranscodeJob.plan`.

    An edit may turn a lecture into another class by itself; it keeps the former version's, and then the former
    version's numbers, too: its own would say something else than the class.
    """
    own, why = str(found.content), {"still_share": found.still_share, "changes_a_minute": found.changes_a_minute}
    if known is None or known.content in ("", own):
        return {"class": own, "why": why}
    return {"class": known.content, "why": known.why}
