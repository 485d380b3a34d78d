"""The pure fold of study records: a *set* of records → what a member has learned (offline.md §5).

Order and duplication never matter: every part of the state is a maximum, a minimum or a union, so two
servers that saw the same records in any order hold the same state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from education.classroom.rules import Grade, edition_answered, grade

COMPLETED, ANSWERED, INITIALIZED, PROGRESSED = "completed", "answered", "initialized", "progressed"
VERBS = (COMPLETED, ANSWERED, INITIALIZED, PROGRESSED)

Interval = tuple[float, float]
"""Seconds of a lesson, start < end."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What the fold needs of one accepted record."""

    verb: str
    material: str
    on: date
    """Local day on which it happened, as bounded by `education.records.times`."""
    is_completion: bool = False
    watched: tuple[Interval, ...] = ()
    response: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MaterialState:
    """What a set of facts says about one lesson or quiz."""

    completed_years: frozenset[int] = frozenset()
    first_completed_on: tuple[tuple[int, date], ...] = ()
    """(year, the first day in it), ascending."""
    watched: tuple[Interval, ...] = ()
    best_correct: int | None = None
    questions: int = 0
    attempts: int = 0

    @property
    def is_completed(self) -> bool:
        return bool(self.completed_years)


@dataclass(slots=True)
class _Gathered:
    """What is known of one material while folding."""

    completed: dict[int, date] = field(default_factory=dict)
    watched: list[Interval] = field(default_factory=list)
    responses: set[tuple[date, tuple[tuple[str, str], ...]]] = field(default_factory=set)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Merge intervals into the fewest disjoint ones, ascending; touching ones join, empty ones vanish."""
    merged: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


AnswerKeys = Mapping[str, Sequence[Mapping[str, str]]]
"""{quiz: [{question: correct key}, …]}: every edition of a quiz, newest first."""


def fold(facts: Iterable[Fact], answer_keys: AnswerKeys | None = None) -> dict[str, MaterialState]:
    """State by material. With `answer_keys` raw answers are graded again, each by the edition it was given to."""
    gathered: dict[str, _Gathered] = {}
    for fact in facts:
        entry = gathered.setdefault(fact.material, _Gathered())
        if fact.is_completion:
            earliest = entry.completed.get(fact.on.year, fact.on)
            entry.completed[fact.on.year] = min(earliest, fact.on)
        entry.watched.extend(fact.watched)
        if fact.verb == ANSWERED:
            entry.responses.add((fact.on, fact.response))
    keys = answer_keys or {}
    return {material: _settle(entry, keys.get(material, ())) for material, entry in gathered.items()}


def _settle(entry: _Gathered, editions: Sequence[Mapping[str, str]]) -> MaterialState:
    grades = [_grade(editions, dict(response)) for _, response in entry.responses]
    best = max(grades, key=lambda each: (each.correct, -each.total), default=None)
    return MaterialState(
        completed_years=frozenset(entry.completed),
        first_completed_on=tuple(sorted(entry.completed.items())),
        watched=union(entry.watched),
        best_correct=best.correct if best else None,
        questions=best.total if best else len(next(iter(editions), {})),
        attempts=len(grades),
    )


def _grade(editions: Sequence[Mapping[str, str]], response: Mapping[str, str]) -> Grade:
    return grade(edition_answered(editions, response), response)


def gaps(sequences: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
    """(last sequence of the unbroken run from 1, interior gaps as inclusive ranges) of the sequences held."""
    held = sorted(set(sequences))
    contiguous = 0
    missing: list[tuple[int, int]] = []
    previous = 0
    for sequence in held:
        if sequence != previous + 1:
            missing.append((previous + 1, sequence - 1))
        elif not missing:
            contiguous = sequence
        previous = sequence
    return contiguous, missing
