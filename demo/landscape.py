"""Drawn landscapes for the demo's sites: pictures that show no real place and claim to be no photograph. Pure."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 750
_SCENES: dict[str, tuple[str, Sequence[str], bool]] = {
    # sky, the ridges from the farthest to the nearest, whether the farthest carries snow
    "grassland": ("#8fc3e8", ("#7d9bb5", "#7fa06a", "#9bb35a", "#c2b45c"), False),
    "snow_mountain": ("#6fb0e0", ("#5f7f9c", "#7f8f86", "#a8a06a", "#8a7a4a"), True),
}
SCENES = frozenset(_SCENES)
_SNOW, _SUN = "#fbfaf6", "#f6d77a"


def draw(scene: str, seed: int) -> bytes:
    """A JPEG of `WIDTH` × `HEIGHT` pixels, the same for the same seed; raises KeyError for an unknown scene."""
    sky, ridges, snowy = _SCENES[scene]
    chance = random.Random(seed)  # noqa: S311 - where a hill stands is no secret
    picture = Image.new("RGB", (WIDTH, HEIGHT), sky)
    brush = ImageDraw.Draw(picture)
    sun_x = chance.randint(WIDTH // 6, WIDTH * 5 // 6)
    brush.ellipse((sun_x - 48, 72, sun_x + 48, 168), fill=_SUN)
    for depth, colour in enumerate(ridges):
        line = _ridge(chance, depth, len(ridges), peaked=snowy and depth == 0)
        brush.polygon([(0, HEIGHT), *line, (WIDTH, HEIGHT)], fill=colour)
        if snowy and depth == 0:
            _lay_snow(brush, line)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _ridge(chance: random.Random, depth: int, count: int, *, peaked: bool) -> list[tuple[float, float]]:
    """A skyline: lower, gentler and longer the nearer it is."""
    middle = HEIGHT * (0.42 + 0.45 * depth / count)
    waves = [(chance.uniform(1, 3) * (n + 1), chance.uniform(0, math.tau), 60 / (n + 1 + depth)) for n in range(4)]
    line = []
    for x in range(0, WIDTH + 1, 6):
        turns = [(rate * x / WIDTH * math.tau / 2 + phase, height) for rate, phase, height in waves]
        rise = sum(height * (abs(math.sin(turn)) * 2 - 1 if peaked else math.sin(turn)) for turn, height in turns)
        line.append((float(x), middle - rise))
    return line


def _lay_snow(brush: ImageDraw.ImageDraw, line: Sequence[tuple[float, float]]) -> None:
    """White what stands above the snow line, whose edge is not straight."""
    edge = [(x, HEIGHT * 0.42 + 14 * math.sin(x / 17) + 8 * math.sin(x / 5)) for x, _y in line]
    tops = [(x, min(y, foot)) for (x, y), (_x, foot) in zip(line, edge, strict=True)]
    brush.polygon([*tops, *reversed(edge)], fill=_SNOW)
