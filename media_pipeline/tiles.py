"""Small pictures over the seek bar: one WebP of tiles, and WebVTT that says which tile shows which seconds. Pure.

The tiles are keyframes of the lowest rung, so nothing is decoded that is not shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from media_pipeline.commands import BITEXACT, address, compiled, own_file
from media_pipeline.plan import fitted_size
from media_pipeline.presets import SpriteRung

COLUMNS = 10
_ROUND_S = 5
MIME = "text/vtt"


@dataclass(frozen=True)
class Tiling:
    """How the tiles lie: their size in pixels, how many, and the seconds each stands for."""

    width: int
    height: int
    count: int
    step_s: int

    @property
    def columns(self) -> int:
        """Tiles beside each other."""
        return min(COLUMNS, self.count)

    @property
    def rows(self) -> int:
        """Tiles below each other; the last row may not be full."""
        return math.ceil(self.count / self.columns)


def tiling(width: int, height: int, duration_s: float, rung: SpriteRung) -> Tiling:
    """The tiles of a film of that picture and length."""
    step_s = rung.least_step_s
    if duration_s > rung.most_tiles * step_s:
        step_s = _ROUND_S * math.ceil(duration_s / rung.most_tiles / _ROUND_S)
    tile = fitted_size(width, height, rung.height)
    return Tiling(*tile, max(1, math.ceil(duration_s / step_s)), step_s)


def command(path: Path, tiles: Tiling, target: Path, *, duration_s: float, quality: int, executable: str) -> list[str]:
    """The tiles out of a rung's keyframes; where the film ends before the last tile, it stands still."""
    frames = own_file(path, "mov", duration_s, skip_frame="nokey")["v:0"]
    shown = (
        frames.filter("tpad", stop=-1, stop_mode="clone")
        .filter("fps", fps=f"1/{tiles.step_s}", start_time=0)
        .filter("scale", tiles.width, tiles.height, flags="area")
        .filter("trim", end_frame=tiles.count)
        .filter("tile", layout=f"{tiles.columns}x{tiles.rows}")
        .filter("format", "yuv420p")
    )
    options = {"c:v": "libwebp", "quality": quality, "frames:v": 1, "f": "webp", **BITEXACT}
    return compiled(ffmpeg.output(shown, address(target), **options), executable)


def _clock(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"


def thumbnails(tiles: Tiling, duration_s: float, sprite_sha256: str) -> bytes:
    """WebVTT of the tiles; each cue names the sprite, seen from where objects lie, and the tile's place in it."""
    name = f"../{sprite_sha256[:2]}/{sprite_sha256}?type=image%2Fwebp"
    cues = ["WEBVTT"]
    for number in range(tiles.count):
        row, column = divmod(number, tiles.columns)
        begin, end = number * tiles.step_s, min((number + 1) * tiles.step_s, duration_s)
        place = f"{column * tiles.width},{row * tiles.height},{tiles.width},{tiles.height}"
        cues.append(f"{_clock(begin)} --> {_clock(end)}\n{name}#xywh={place}")
    return ("\n\n".join(cues) + "\n").encode()
