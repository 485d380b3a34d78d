"""Numbers on the map of places never cover each other."""

from __future__ import annotations

from itertools import combinations
from math import hypot

from cms.places.pins_apart import NARROWING, apart


def distances(points: list[tuple[float, float]]) -> list[float]:
    return [hypot((a[0] - b[0]) * NARROWING, a[1] - b[1]) for a, b in combinations(points, 2)]


def test_points_with_room_stay_where_they_are() -> None:
    points = [(95.0, 33.0), (97.0, 35.0)]
    assert apart(points, 0.6) == [(95.0 * NARROWING / NARROWING, 33.0), (97.0 * NARROWING / NARROWING, 35.0)]


def test_points_of_one_town_part_and_stay_near() -> None:
    points = [(101.7, 36.6), (101.7, 36.6), (101.8, 36.7), (101.6, 36.6), (100.9, 36.9)]
    moved = apart(points, 0.6)
    assert min(distances(moved)) >= 0.59
    assert max(hypot(a[0] - b[0], a[1] - b[1]) for a, b in zip(points, moved, strict=True)) < 1.5
