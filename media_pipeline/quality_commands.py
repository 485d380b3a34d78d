"""Command lines that try qualities: the reel, trial encodes, VMAF (media.md §4). Pure (see `commands`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.commands import BITEXACT, address, compiled, own_file, scaled_to
from media_pipeline.facts import SourceFacts
from media_pipeline.picture_commands import Piece, encoding, grid, rate_text
from media_pipeline.plan import VideoPlan

Size = tuple[int, int]
_EVERY = 3
"""Every third frame is scored: of a dozen seconds that is still a hundred."""


def reel(
    path: Path, facts: SourceFacts, windows: Sequence[Piece], targets: Mapping[Size, Path], *, executable: str
) -> list[str]:
    """The windows one after the other, without loss, in every size that is tried.

    Raises:
        ValueError: no windows, no sizes, or no moving picture.
    """
    if not windows or not targets or facts.video is None:
        raise ValueError("nothing to try")
    parts = [grid(path, facts, window.rate, window) for window in windows]
    whole = ffmpeg.concat(*parts, v=1, a=0).filter("fps", rate_text(windows[0].rate))
    copies = whole.filter_multi_output("split", len(targets))
    options = {"c:v": "libx264", "preset": "ultrafast", "qp": 0, "fps_mode": "passthrough", "f": "mp4", **BITEXACT}
    made = [
        ffmpeg.output(scaled_to(copies.stream(number), *size, hdr=facts.video.hdr), address(target), **options)
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
    copies = own_file(reference, "mov", duration_s)["v:0"].filter_multi_output("split", len(outputs))
    made = [
        ffmpeg.output(copies.stream(number), address(target), **encoding(item))
        for number, (item, target) in enumerate(outputs.items())
    ]
    return compiled(ffmpeg.merge_outputs(*made), executable)


def vmaf(
    files: Mapping[Path, Path],
    reference: Path,
    size: Size,
    *,
    duration_s: float,
    windows: Sequence[Piece] = (),
    executable: str,
) -> list[str]:
    """Score files against the reel, each scaled to the reel's size; the logs are libvmaf's JSON.

    Args:
        files: log by file.
        windows: where the reel lies inside the files; empty when they are as long as the reel.

    Raises:
        ValueError: no files.
    """
    if not files:
        raise ValueError("nothing to score")
    references = own_file(reference, "mov", duration_s)["v:0"].filter("settb", "AVTB").filter("setpts", "N")
    copies = references.filter_multi_output("split", len(files))
    scored = []
    for number, (file, log) in enumerate(files.items()):
        picture = _chosen(own_file(file, "mov", duration_s)["v:0"], windows)
        picture = picture.filter("scale", *size, flags="bicubic").filter("settb", "AVTB").filter("setpts", "N")
        options: dict[str, Any] = {"log_fmt": "json", "log_path": str(log), "n_subsample": _EVERY, "n_threads": 1}
        compared = ffmpeg.filter([picture, copies.stream(number)], "libvmaf", **options)
        scored.append(ffmpeg.output(compared, "-", f="null"))
    return compiled(ffmpeg.merge_outputs(*scored), executable)


def _chosen(picture: Any, windows: Sequence[Piece]) -> Any:
    if not windows:
        return picture
    wanted = "+".join(f"between(n,{window.start},{window.end - 1})" for window in windows)
    return picture.filter("select", wanted)
