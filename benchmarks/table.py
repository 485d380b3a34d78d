"""One line of the table, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What was measured. `limit` in the same unit; None where no limit is stated."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value ÷ limit: up to 1 is within it."""
        return None if self.limit is None else self.value / self.limit


def show(lines: Iterable[Line]) -> str:
    """The table as text."""
    rows = [("measured", "value", "limit", "ratio", "")]
    for line in lines:
        limit = "" if line.limit is None else f"{line.limit:g} {line.unit}"
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        verdict = "" if line.ratio is None else ("ok" if line.ratio <= 1 else "OVER")
        rows.append((line.name, f"{line.value:.4g} {line.unit}", limit, ratio, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
