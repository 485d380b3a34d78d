"""The reel's points as a small picture: quality against bit rate, with the chosen one and the target. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 240, 120
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 12, 12, 24


@dataclass(frozen=True)
class Point:
    """One trial: where it is drawn, and what it stands for."""

    x: float
    y: float
    crf: float
    vmaf: float
    kbit_s: float
    chosen: bool


@dataclass(frozen=True)
class Chart:
    """Coordinates for an SVG of `WIDTH` × `HEIGHT`."""

    points: list[Point]
    line: str
    target_y: float | None
    target: float | None
    lowest: int
    highest: int
    most_kbit_s: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def quality_chart(reel: Sequence[Sequence[float]], *, crf: float | None, target: float | None) -> Chart | None:
    """The chart of a rung's trials `[crf, vmaf, kbit/s]`; None without at least two of them."""
    trials = sorted((trial for trial in reel if len(trial) == 3), key=lambda trial: trial[2])
    if len(trials) < 2:
        return None
    shown = [vmaf for _crf, vmaf, _kbit in trials] + ([target] if target else [])
    lowest, highest = int(min(shown)) // 5 * 5, min(100, -(-int(max(shown) + 1) // 5) * 5)
    most = max(kbit for _crf, _vmaf, kbit in trials) * 1.05 or 1.0

    def across(kbit_s: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * kbit_s / most, 1)

    def down(vmaf: float) -> float:
        share = (vmaf - lowest) / max(1, highest - lowest)
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)

    nearest = min((trial[0] for trial in trials), key=lambda tried: abs(tried - crf)) if crf is not None else None
    points = [Point(across(kbit), down(vmaf), tried, vmaf, kbit, tried == nearest) for tried, vmaf, kbit in trials]
    return Chart(
        points=points,
        line=" ".join(f"{point.x},{point.y}" for point in points),
        target_y=down(target) if target else None,
        target=target,
        lowest=lowest,
        highest=highest,
        most_kbit_s=round(most),
    )
