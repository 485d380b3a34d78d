"""Where numbered points are drawn on the small map when places lie closer together than their marks are wide. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

ROUNDS = 60
NARROWING = 0.81
"""A degree of longitude at 36° N over one of latitude."""


def apart(points: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """The points (longitude, latitude in degrees), those closer than `gap` degrees of latitude pushed apart.

    Neighbours share the way; points in the same place part along a fixed direction. Where there is room nobody moves.
    """
    places = [(longitude * NARROWING, latitude) for longitude, latitude in points]
    for _round in range(ROUNDS):
        if not _push(places, gap):
            break
    return [(x / NARROWING, y) for x, y in places]


def _push(places: list[tuple[float, float]], gap: float) -> bool:
    has_moved = False
    for first in range(len(places)):
        for second in range(first + 1, len(places)):
            (x, y), (u, v) = places[first], places[second]
            distance = math.hypot(u - x, v - y)
            if distance >= gap - 1e-6:
                continue
            has_moved = True
            along = ((u - x) / distance, (v - y) / distance) if distance > 1e-9 else (0.0, -1.0)
            step = (gap - distance) / 2 + 1e-4
            places[first] = (x - along[0] * step, y - along[1] * step)
            places[second] = (u + along[0] * step, v + along[1] * step)
    return has_moved
