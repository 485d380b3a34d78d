"""One line of the table, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What was measured. `limit` in the same unit, at most or (`is_floor`) at least; None where none is stated."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    is_floor: bool = False

    @property
    def ratio(self) -> float | None:
        """Value ÷ limit; None where there is none, or nothing may be."""
        return self.value / self.limit if self.limit else None

    @property
    def is_met(self) -> bool:
        """Whether the value is on the right side of its limit; so is one that has none."""
        return self.limit is None or (self.value >= self.limit if self.is_floor else self.value <= self.limit)

    @property
    def shown_limit(self) -> str:
        """The limit as the table shows it."""
        return "" if self.limit is None else f"{'≥' if self.is_floor else '≤'} {self.limit:g} {self.unit}".rstrip()


def show(lines: Iterable[Line]) -> str:
    """The table as text."""
    rows = [("measured", "value", "limit", "ratio", "")]
    for line in lines:
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        verdict = "" if line.limit is None else ("ok" if line.is_met else "MISSED")
        rows.append((line.name, f"{line.value:.4g} {line.unit}", line.shown_limit, ratio, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
