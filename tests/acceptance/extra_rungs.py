"""Rungs made by hand for the player's tests: AV1 pictures of any height, and decks of slides."""

from __future__ import annotations

import hashlib
import io
import json
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from PIL import Image, ImageDraw

from media_pipeline.fmp4 import parse_sidx, top_level

AV1_MIME = 'video/mp4; codecs="av01.0.01M.08"'
SLIDE = (640, 360)
COLOURS = ["#0b4a7d", "#98190f", "#14532d", "#7a4b00", "#4b2a7d", "#0f5f66"]
"""Of the slides, in order and over again: a test tells by its colour which one is shown."""


def av1(lecture: Path, target: Path, *, height: int, fps: int = 8) -> Path:
    """Encode the silent picture as one fragmented MP4 with a keyframe every ten seconds."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(lecture), "-an"]
    command += ["-vf", f"scale=-2:{height}", "-r", str(fps), "-pix_fmt", "yuv420p", "-c:v", "libsvtav1"]
    command += ["-preset", "11", "-crf", "58", "-g", str(10 * fps), "-svtav1-params", "lp=1"]
    command += ["-movflags", "+frag_keyframe+empty_moov+default_base_moof+global_sidx", "-f", "mp4", str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return target


def index_of(path: Path, mime: str) -> dict[str, Any]:
    """The segment index of a fragmented MP4, as far as the player reads it."""
    with path.open("rb") as file:
        boxes = list(top_level(file, path.stat().st_size))
        sidx_box = next(box for box in boxes if box.kind == "sidx")
        file.seek(sidx_box.start)
        sidx = parse_sidx(file.read(sidx_box.size))
    segments = [[entry.size, round(1000 * entry.duration / sidx.timescale), "0" * 64] for entry in sidx.entries]
    init = next(box.start for box in boxes if box.kind == "moof")
    length = init + sum(size for size, _ms, _sha in segments)
    return {"v": 1, "object": "0" * 64, "length": length, "mime": mime, "init": init, "segments": segments}


def colour_of(number: int) -> tuple[int, int, int]:
    """The colour of a slide's ground."""
    code = COLOURS[number % len(COLOURS)]
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def _slide(number: int) -> bytes:
    image = Image.new("RGB", SLIDE, colour_of(number))
    draw = ImageDraw.Draw(image)
    for row in range(4):
        draw.rectangle((60, 150 + 45 * row, 60 + 90 * ((number + row) % 5 + 1), 170 + 45 * row), fill="white")
    # Grain, so that a slide weighs about what one of 1280 × 720 with text does (media.md §2: 22 KB).
    grain = Image.frombytes("L", (640, 64), random.Random(number).randbytes(640 * 64))
    image.paste(grain, (0, 40))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80)
    return file.getvalue()


def deck(folder: Path, starts_s: Sequence[float]) -> tuple[Path, Path]:
    """A deck object and its index, a slide at each start."""
    slides = [_slide(number) for number in range(len(starts_s))]
    whole = b"".join(slides)
    rows = [
        [len(slide), round(1000 * start), hashlib.sha256(slide).hexdigest()]
        for slide, start in zip(slides, starts_s, strict=True)
    ]
    index = {"v": 1, "object": hashlib.sha256(whole).hexdigest(), "length": len(whole), "mime": "image/webp"}
    index |= {"width": SLIDE[0], "height": SLIDE[1], "slides": rows}
    object_path, index_path = folder / "hand-deck.webp", folder / "hand-deck.index.json"
    object_path.write_bytes(whole)
    index_path.write_text(json.dumps(index))
    return object_path, index_path
