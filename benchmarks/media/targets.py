"""The ten targets of media.md §6, and how a run's measurements are told: each line, then one line a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.table import Line, show

TARGETS = {
    1: "CPU ÷ plain ffmpeg for the same work",
    2: "bytes ÷ PeerTube's 360p at the same VMAF",
    3: "AV1 360p of a presenter: VMAF, 5th percentile, kbit/s",
    4: "slides at 360p: VMAF, kbit/s; deck and sound together",
    5: "container's share at 64 kbit/s",
    6: "kill -9 at random points: chunks done again, same bytes",
    7: "ladder × real time on two cores; sound's delay ÷ duration",
    8: "hostile files: reason, connections, CPU seconds",
    9: "titles within −1/+3 VMAF of the target; cost of analysis",
    10: "twice without an encode; cancelling; progress",
}


@dataclass(frozen=True)
class Measured:
    """A line of the table; `target` is its number, 0 for what no target asks."""

    target: int
    line: Line


def _badness(line: Line) -> float:
    """How far a value is towards or past its limit: above 1 it is missed."""
    if line.limit is None:
        return 0.0
    if line.is_floor:
        return line.limit / line.value if line.value else float("inf")
    if not line.limit:
        return float("inf") if line.value > 0 else 0.0
    return line.value / line.limit


def verdicts(found: Sequence[Measured], targets: Mapping[int, str] = TARGETS) -> list[Line]:
    """One line a target: its worst measurement; a target that was not measured has none."""
    lines = []
    for number, title in targets.items():
        mine = [item.line for item in found if item.target == number and item.line.limit is not None]
        if mine:
            worst = max(mine, key=_badness)
            lines.append(
                Line(f"{number:2} {title} · {worst.name}", worst.value, worst.unit, worst.limit, worst.is_floor)
            )
    return lines


def told(found: Sequence[Measured], targets: Mapping[int, str] = TARGETS) -> str:
    """Both tables as text."""
    details = [
        Line(f"{item.target or '–':>2} {item.line.name}", item.line.value, item.line.unit, item.line.limit,
             item.line.is_floor)
        for item in sorted(found, key=lambda item: item.target or 99)
    ]  # fmt: skip
    return f"{show(details)}\n\n{show(verdicts(found, targets))}"
