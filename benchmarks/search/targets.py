"""The ten targets of search.md §3, and how a run's measurements are told, those that are missing among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.media.targets import Measured, told
from benchmarks.table import Line

TARGETS = {
    1: "relevance of questions",
    2: "keywords of 2–4 characters",
    3: "traditional ↔ simplified: loss of MRR@10",
    4: "speed",
    5: "indexing, and a rebuild while searches go on",
    6: "publish → findable",
    7: "Elasticsearch killed during edits",
    8: "nobody learns of what he may not see",
    9: "hostile inputs",
    10: "quoted lines at ± 5 s; homophones at the first try",
}


def at_most(target: int, name: str, value: float, unit: str = "", limit: float | None = None) -> Measured:
    """A measurement that should stay at or below its limit."""
    return Measured(target, Line(name, value, unit, limit))


def at_least(target: int, name: str, value: float, unit: str = "", limit: float | None = None) -> Measured:
    """A measurement that should reach its limit."""
    return Measured(target, Line(name, value, unit, limit, is_floor=True))


def report(found: Sequence[Measured], missing: Mapping[str, str]) -> str:
    """Both tables, and what of the run was not measured and why (`missing`: part → reason)."""
    lines = [told(found, TARGETS)]
    measured = {item.target for item in found if item.line.limit is not None}
    lines += [f"{number:2} {title}: not measured" for number, title in TARGETS.items() if number not in measured]
    lines += [f"{part}: not measured, {reason}" for part, reason in missing.items()]
    return "\n".join([lines[0], "", *lines[1:]]) if lines[1:] else lines[0]
