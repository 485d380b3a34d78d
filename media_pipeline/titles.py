"""The quality of each title: what is tried, what the trials say, which rungs earn their place (media.md §4). Pure."""

from __future__ import annotations

import itertools
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media_pipeline.classify import Classified
from media_pipeline.presets import Search
from media_pipeline.scan import Scan

_WINDOWS = 4
_WINDOW_S = (1.0, 3.0)
_REEL_SHARE = 1 / 12
"""Of a short film no more than this is tried, so that looking never costs as much as encoding."""
_BEFORE_CHANGE_S = 0.5
LEAST_S = 12.0
"""A shorter film is encoded with the preset's own numbers."""


@dataclass(frozen=True)
class Trial:
    """What one encode of the reel gave: VMAF mean, its 5th percentile, and kbit/s."""

    crf: float
    vmaf: float
    p5: float
    kbit_s: float


@dataclass(frozen=True)
class Choice:
    """The quality chosen for a rung, and the trials it was chosen from."""

    crf: float
    vmaf: float
    p5: float
    kbit_s: float
    trials: tuple[Trial, ...]

    def as_json(self) -> dict[str, object]:
        """For `TranscodeJob.plan`."""
        reel = [[trial.crf, trial.vmaf, trial.kbit_s] for trial in self.trials]
        return {"crf": self.crf, "vmaf": self.vmaf, "vmaf_p5": self.p5, "kbit_s": self.kbit_s, "reel": reel}


def reel_windows(scan: Scan, found: Classified) -> list[tuple[int, int]]:
    """The frames of the reel: one window in each quarter of the film, over a change of picture where there is one."""
    each_s = min(_WINDOW_S[1], max(_WINDOW_S[0], scan.seconds(scan.frames) * _REEL_SHARE / _WINDOWS))
    each = max(1, math.floor(scan.rate * each_s))
    if scan.seconds(scan.frames) < LEAST_S or each * _WINDOWS > scan.frames:
        return []
    windows = []
    quarter = scan.frames // _WINDOWS
    lead = round(scan.rate * _BEFORE_CHANGE_S)
    for number in range(_WINDOWS):
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
    return Choice(best.crf, best.vmaf, best.p5, best.kbit_s, ordered)


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


def inherited(stored: Mapping[str, object], names: Sequence[str]) -> dict[str, float] | None:
    """The qualities that an earlier version of the same lecture was encoded with; None unless it has all of them.

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
    return {name: float(qualities[name]) for name in names if name in qualities}
