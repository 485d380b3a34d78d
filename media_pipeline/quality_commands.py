"""Command lines that try qualities: the reel, trial encodes, VMAF (media.md §4). Pure (see `commands`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.commands import address, compiled, own_file, scaled_to
from media_pipeline.facts import SourceFacts
from media_pipeline.picture_commands import LOSSLESS, Piece, encoding, grid, rate_text
from media_pipeline.plan import VideoPlan

Size = tuple[int, int]
_EVERY = 3
"""Every third frame is scored: of eight seconds that is still some thirty to eighty."""


def own_picture(path: Path, duration_s: float) -> Any:
    """The picture of a file this pipeline made."""
    return own_file(path, "mov", duration_s)["v:0"]


def joined(path: Path, facts: SourceFacts, windows: Sequence[Piece]) -> Any:
    """Some pieces of a file one after the other; only they, and what leads up to each, are decoded."""
    parts = [grid(path, facts, window.rate, window) for window in windows]
    return ffmpeg.concat(*parts, v=1, a=0).filter("fps", rate_text(windows[0].rate))


def reel(
    path: Path, facts: SourceFacts, windows: Sequence[Piece], targets: Mapping[Size, Path], *, executable: str
) -> list[str]:
    """The windows one after the other, without loss, in every size that is tried.

    Raises:
        ValueError: no windows, no sizes, or no moving picture.
    """
    if not windows or not targets or facts.video is None:
        raise ValueError("nothing to try")
    copies = joined(path, facts, windows).filter_multi_output("split", len(targets))
    made = [
        ffmpeg.output(scaled_to(copies.stream(number), *size, hdr=facts.video.hdr), address(target), **LOSSLESS)
        for number, (size, target) in enumerate(targets.items())
    ]
    return compiled(ffmpeg.merge_outputs(*made), executable)


def trials(reference: Path, outputs: Mapping[VideoPlan, Path], *, duration_s: float, executable: str) -> list[str]:
    """Encode the reel once for each plan: the same rung at several qualities.

    Raises:
        ValueError: no plans.
    """
    if not outputs:
        raise ValueError("nothing to try")
    copies = own_picture(reference, duration_s).filter_multi_output("split", len(outputs))
    made = [
        ffmpeg.output(copies.stream(number), address(target), **encoding(item))
        for number, (item, target) in enumerate(outputs.items())
    ]
    return compiled(ffmpeg.merge_outputs(*made), executable)


def vmaf(
    scored: Sequence[tuple[Any, Path]], reference: Path, size: Size, *, duration_s: float, executable: str
) -> list[str]:
    """Score pictures against the reel, each scaled to the reel's size.

    Args:
        scored: pictures that show what the reel shows (`own_picture`, `joined`), each with the file for libvmaf's JSON.

    Raises:
        ValueError: no pictures.
    """
    if not scored:
        raise ValueError("nothing to score")
    references = own_picture(reference, duration_s).filter("settb", "AVTB").filter("setpts", "N")
    copies = references.filter_multi_output("split", len(scored))
    made = []
    for number, (picture, log) in enumerate(scored):
        seen = picture.filter("scale", *size, flags="bicubic").filter("settb", "AVTB").filter("setpts", "N")
        options: dict[str, Any] = {"log_fmt": "json", "log_path": str(log), "n_subsample": _EVERY, "n_threads": 1}
        made.append(ffmpeg.output(ffmpeg.filter([seen, copies.stream(number)], "libvmaf", **options), "-", f="null"))
    return compiled(ffmpeg.merge_outputs(*made), executable)
