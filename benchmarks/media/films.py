"""What is measured: three lectures made of nothing, and the films of a folder."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
from PIL import Image, ImageDraw

from benchmarks.media.coding import run
from tests.lecture_maker import make_lecture

FPS = 25
_SLIDE_S = 30
"""A slide stays this long; a busy lecture, where one a minute is usual (media.md §2)."""
KINDS = ("presenter", "slides", "both")
"""Folders of CLIPS whose name tells the kind; films elsewhere take the kind that the pipeline finds."""
_ENDINGS = {".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".ts"}
_SIZE = (1280, 720)


@dataclass(frozen=True)
class Clip:
    """A film: its name in the table, its kind (empty: not known yet), the file."""

    name: str
    kind: str
    path: Path


def synthesised(folder: Path, seconds: int) -> list[Clip]:
    """Slides; slides with a moving inset; a figure that speaks and moves."""
    slides = max(2, math.ceil(seconds / _SLIDE_S))
    paths = {kind: folder / f"made-{kind}.mp4" for kind in KINDS}
    make_lecture(paths["slides"], duration_s=seconds, slides=slides, fps=FPS, inset=False)
    make_lecture(paths["both"], duration_s=seconds, slides=slides, fps=FPS, seed=1)
    figure(folder, paths["both"], paths["presenter"], seconds)
    return [Clip(f"made {kind}", kind, paths[kind]) for kind in KINDS]


def real(source: Path, folder: Path, seconds: int) -> Iterator[Clip]:
    """The films below a folder, each cut to its first seconds without encoding it again.

    Raises:
        FileNotFoundError: there is no such folder, or no film in it.
    """
    found = sorted(path for path in source.rglob("*") if path.suffix.lower() in _ENDINGS)
    if not found:
        raise FileNotFoundError(f"no films in {source}")
    for number, path in enumerate(found):
        kind = next((part for part in path.relative_to(source).parts[:-1] if part in KINDS), "")
        target = folder / f"real-{number}.mkv"
        whole = ffmpeg.input(str(path))
        run(ffmpeg.output(whole, str(target), c="copy", t=seconds, sn=None, dn=None))
        yield Clip(path.stem, kind, target)


def figure(folder: Path, sound_of: Path, target: Path, seconds: int) -> None:
    """A drawn speaker before a wall: sways, nods, moves lips and an arm; a camera's noise over all."""
    layers = {name: folder / f"figure-{name}.png" for name in ("wall", "body", "head", "mouth", "arm")}
    for name, picture in _drawn().items():
        picture.save(layers[name])
    still = {name: ffmpeg.input(str(path), loop=1, framerate=FPS, t=seconds).video for name, path in layers.items()}
    sway, nod = "9*sin(t*0.9)+4*sin(t*2.3)", "5*sin(t*1.7)+2*sin(t*5.1)"
    arm = still["arm"].filter("format", "rgba").filter("rotate", a="0.5*sin(t*1.3)+0.3*sin(t*3.7)", c="none")
    picture = ffmpeg.overlay(still["wall"].filter("format", "yuv420p"), still["body"], x=f"430+{sway}", y="370")
    picture = ffmpeg.overlay(picture, still["head"], x=f"520+1.3*({sway})", y=f"120+{nod}")
    picture = ffmpeg.overlay(
        picture, still["mouth"], x=f"600+1.3*({sway})", y=f"292+{nod}", enable="lt(mod(t*3.1,1)+0.4*sin(t*7),0.55)"
    )
    picture = ffmpeg.overlay(picture, arm, x=f"640+{sway}", y="380")
    picture = picture.filter("noise", alls=2, allf="t").filter("format", "yuv420p")
    options = {"c:v": "libx264", "preset": "veryfast", "crf": 22, "g": 2 * FPS, "c:a": "copy", "t": seconds}
    run(ffmpeg.output(picture, ffmpeg.input(str(sound_of)).audio, str(target), **options))


def _drawn() -> dict[str, Image.Image]:
    """The layers of the figure."""
    wall = Image.new("RGB", _SIZE, "#b9c2bd")
    draw = ImageDraw.Draw(wall)
    chance = random.Random(7)  # noqa: S311 — a pattern, not a secret
    for _blot in range(2500):
        x, y, size = chance.randrange(_SIZE[0]), chance.randrange(_SIZE[1]), chance.randrange(4, 60)
        grey = chance.randrange(170, 196)
        draw.ellipse((x, y, x + size, y + size // 3), fill=(grey, grey + 6, grey + 2))
    draw.rectangle((70, 90, 390, 330), fill="#2e5d4b", outline="#7a5b38", width=10)
    for row in range(6):
        draw.line((100, 130 + 32 * row, 220 + chance.randrange(130), 126 + 32 * row), fill="#dfe6df", width=3)
    body = Image.new("RGBA", (420, 350))
    draw = ImageDraw.Draw(body)
    draw.rounded_rectangle((20, 20, 400, 349), 120, fill="#23415f")
    for _thread in range(3000):
        x, y = chance.randrange(60, 360), chance.randrange(70, 349)
        draw.line((x, y, x + 7, y + chance.randrange(-6, 7)), fill=chance.choice(("#2f5680", "#1b3550", "#3a6a99")))
    draw.polygon([(170, 24), (250, 24), (210, 120)], fill="#f1ede2")
    head = Image.new("RGBA", (240, 290))
    draw = ImageDraw.Draw(head)
    draw.ellipse((20, 0, 220, 250), fill="#241a14")
    draw.ellipse((34, 40, 206, 286), fill="#c98f68")
    for eye in (84, 140):
        draw.ellipse((eye, 120, eye + 24, 134), fill="#fbf7f0", outline="#3a2a20", width=2)
        draw.ellipse((eye + 8, 121, eye + 18, 133), fill="#20140e")
    draw.line((121, 140, 112, 186, 128, 188), fill="#9c6a4a", width=4)
    draw.arc((86, 192, 160, 222), 10, 170, fill="#7c3b34", width=5)
    mouth = Image.new("RGBA", (76, 40))
    ImageDraw.Draw(mouth).ellipse((8, 4, 68, 36), fill="#4d1a1c", outline="#a4564d", width=5)
    arm = Image.new("RGBA", (300, 300))
    draw = ImageDraw.Draw(arm)
    draw.line((150, 150, 240, 250), fill="#1d3853", width=52)
    draw.ellipse((210, 226, 272, 288), fill="#c98f68")
    return {"wall": wall, "body": body, "head": head, "mouth": mouth, "arm": arm}
