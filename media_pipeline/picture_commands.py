"""Command lines for the picture: one look at all of it, and encodes of single chunks. Pure (see `commands`).

The grid of frames is made by `fps` from the file's own time zero, in every run alike, and chunks are counted on it. A
run that begins in the middle keeps the file's timestamps (`-copyts`), jumps to a keyframe before its chunk, and lets
`trim` count: so frame 1500 is the same picture whether the film was read from its beginning or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.commands import BITEXACT, FRAGMENTED, address, compiled, own_file, scaled_to, source
from media_pipeline.facts import MAX_DURATION_S, SourceFacts
from media_pipeline.plan import VideoPlan
from media_pipeline.presets import Codec

CONTAINER_KBPS = 5
"""What fragmented MP4 itself takes at these rates (media.md §2); the encoder's cap leaves room for it."""
FRAME_HASH = "murmur3"
LOSSLESS: dict[str, Any] = {
    "c:v": "libx264", "preset": "ultrafast", "qp": 0, "fps_mode": "passthrough", "f": "mp4", **BITEXACT
}  # fmt: skip
"""How a picture is kept that is encoded again."""
_RUN_UP_S = 2.0
"""Begin reading this long before the first frame that is wanted."""
_LOOK: dict[str, Any] = {"w": 160, "h": 90, "flags": "fast_bilinear+bitexact"}
_ONE_THREAD_UP_TO = 1920 * 1088
"""Pixels of a picture that one thread decodes many times faster than it is encoded; several took a sixth more."""
_AV1_KEYFRAMES_CLOSED = "lp=1:irefresh-type=2:enable-overlays=0"


@dataclass(frozen=True)
class Piece:
    """The frames [start, end) of the grid."""

    rate: Fraction
    start: int
    end: int

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.end - self.start

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.frames / self.rate)


def rate_text(rate: Fraction) -> str:
    """A frame rate as ffmpeg writes it."""
    return f"{rate.numerator}/{rate.denominator}"


def _picture(path: Path, facts: SourceFacts, **options: Any) -> Any:
    if facts.video is None:
        raise ValueError("no moving picture")
    if facts.video.width * facts.video.height <= _ONE_THREAD_UP_TO:
        options["threads"] = 1
    return source(path, facts, **options)[str(facts.video.index)]


def _small(picture: Any) -> Any:
    """What `scan` and `chunk` both look at, so that each can tell whether the other saw the same frames."""
    return picture.filter("scale", **_LOOK)


def grid(path: Path, facts: SourceFacts, rate: Fraction, piece: Piece | None = None) -> Any:
    """The frames of the source at the rate, from the first on; or those of a piece, its first at time zero.

    Raises:
        ValueError: the source has no moving picture.
    """
    on_grid = {"start_time": 0}
    if piece is None or piece.start == 0:
        picture = _picture(path, facts).filter("fps", rate_text(rate), **on_grid)
        return picture if piece is None else picture.filter("trim", end_frame=piece.end)
    seek_s = max(0.0, float(piece.start / rate) - _RUN_UP_S)
    picture = _picture(path, facts, ss=f"{seek_s:.3f}", copyts=None, start_at_zero=None, noaccurate_seek=None)
    picture = picture.filter("fps", rate_text(rate), **on_grid)
    picture = picture.filter("trim", start_frame=piece.start, end_frame=piece.end)
    # Cut off instead of rounded, 3/5 over a fifth is 2: every eighth frame of 25 a second stood on the one before it.
    return picture.filter("setpts", f"round((N/({rate_text(rate)}))/TB)")


@dataclass(frozen=True)
class ScanFiles:
    """What `scan` writes of each frame: its hash, the hash of a small copy of it, how much it differs from the last."""

    hashes: Path
    looks: Path
    moves: Path


def scan(path: Path, facts: SourceFacts, rate: Fraction, files: ScanFiles, *, executable: str) -> list[str]:
    """Decode all once.

    Raises:
        ValueError: the source has no moving picture.
    """
    copies = grid(path, facts, rate).filter_multi_output("split", 2)
    looked = _small(copies.stream(1)).filter("scdet", t=100)
    looked = looked.filter("metadata", mode="print", key="lavfi.scd.mafd", file=str(files.moves))
    hashed = [
        ffmpeg.output(picture, address(target), f="framehash", hash=FRAME_HASH)
        for picture, target in ((copies.stream(0), files.hashes), (looked, files.looks))
    ]
    return compiled(ffmpeg.merge_outputs(*hashed), executable)


def chunk(
    path: Path,
    facts: SourceFacts,
    piece: Piece,
    outputs: Mapping[VideoPlan, Path],
    *,
    looks: Path,
    executable: str,
) -> list[str]:
    """Encode one chunk to all given rungs from one decode, and hash a small copy of each frame that is encoded.

    Whole frames were hashed by `scan`; here it only has to be told whether these are the same ones.

    The picture is brought to each size once, however many codecs it is then encoded with. One encoder thread a rung:
    with several threads and a rate cap three runs gave three different streams (media.md §4); the rungs themselves run
    side by side.

    Raises:
        ValueError: the source has no moving picture, or no output is wanted.
    """
    if facts.video is None or not outputs:
        raise ValueError("nothing to encode")
    by_size: dict[tuple[int, int], list[VideoPlan]] = {}
    for item in outputs:
        by_size.setdefault((item.width, item.height), []).append(item)
    copies = grid(path, facts, piece.rate, piece).filter_multi_output("split", len(by_size) + 1)
    made = [ffmpeg.output(_small(copies.stream(0)), address(looks), f="framehash", hash=FRAME_HASH)]
    for number, (size, items) in enumerate(by_size.items(), 1):
        scaled = scaled_to(copies.stream(number), *size, hdr=facts.video.hdr).filter_multi_output("split", len(items))
        made += [
            ffmpeg.output(scaled.stream(place), address(outputs[item]), **encoding(item.dividing(piece.frames)))
            for place, item in enumerate(items)
        ]
    return compiled(ffmpeg.merge_outputs(*made), executable)


def mezzanine(
    path: Path, facts: SourceFacts, rate: Fraction, width: int, height: int, target: Path, *, executable: str
) -> list[str]:
    """A lossless copy on the grid with a keyframe every other second, for a source that can't be read from the middle.

    Raises:
        ValueError: the source has no moving picture.
    """
    if facts.video is None:
        raise ValueError("no moving picture")
    scaled = scaled_to(grid(path, facts, rate), width, height, hdr=facts.video.hdr)
    options = {**LOSSLESS, "g": max(1, round(2 * rate))}
    return compiled(ffmpeg.output(scaled, address(target), **options), executable)


def encoding(item: VideoPlan) -> dict[str, Any]:
    """Output options of a rung; they are part of a chunk's key.

    A chunk's header says nothing of its own bit rate (`write_btrt`), so that all chunks of a rung have one header.
    """
    cap = item.rung.max_kbps - CONTAINER_KBPS
    options: dict[str, Any] = {
        "crf": f"{item.crf:g}",
        "maxrate": f"{cap}k",
        "bufsize": f"{round(cap * item.rung.buffer_s)}k",
        "g": item.gop,
        "flags:v": "+bitexact",
        "fps_mode": "passthrough",
        "movflags": f"{FRAGMENTED}+frag_keyframe",
        "write_btrt": 0,
        "f": "mp4",
        **BITEXACT,
    }
    if item.rung.codec is Codec.AV1:
        return {"c:v": "libsvtav1", "preset": item.speed, "svtav1-params": _AV1_KEYFRAMES_CLOSED, **options}
    return {
        "c:v": "libx264",
        "preset": item.speed,
        "profile:v": item.rung.profile,
        "keyint_min": item.gop,
        "sc_threshold": 0,
        "x264-params": ":".join(filter(None, ("threads=1:lookahead-threads=1:open-gop=0", item.rung.tuning))),
        **options,
    }


def stills(
    path: Path,
    facts: SourceFacts,
    rate: Fraction,
    frames: Sequence[int],
    size: tuple[int, int],
    target: Path,
    *,
    executable: str,
) -> list[str]:
    """Single frames of the grid one after the other in a film without loss.

    Raises:
        ValueError: no frames, or no moving picture.
    """
    if facts.video is None or not frames:
        raise ValueError("no pictures wanted")
    wanted = "+".join(f"eq(n,{frame})" for frame in frames)
    picture = scaled_to(grid(path, facts, rate).filter("select", wanted), *size, hdr=facts.video.hdr)
    return compiled(ffmpeg.output(picture.filter("setpts", "N"), address(target), **LOSSLESS), executable)


def webp(path: Path, pattern: Path, *, quality: int, executable: str) -> list[str]:
    """Every frame of a film that `stills` made as a WebP file, numbered from 1 by `pattern` (`…%04d.webp`)."""
    picture = own_file(path, "mov", MAX_DURATION_S)["v:0"]
    options = {"c:v": "libwebp", "quality": quality, "fps_mode": "passthrough", "f": "image2", **BITEXACT}
    return compiled(ffmpeg.output(picture, address(pattern), **options), executable)
