"""ffmpeg runs of the benchmark: a reference without loss, an encode, its VMAF over all of the film."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg

from benchmarks.media.curves import Point
from media_pipeline.supervisor import ffmpeg_executable
from media_pipeline.titles import read_vmaf

_EVERY = 3
"""Every third frame is scored, as in the pipeline's own trials."""


@dataclass(frozen=True)
class Reference:
    """The film at a size and rate, without loss: what encodes are made from and compared with."""

    path: Path
    width: int
    height: int
    rate: Fraction
    seconds: float


def cpu_s() -> float:
    """Processor seconds of this process and of its ended children."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def run(stream: Any) -> None:
    """Run a graph.

    Raises:
        subprocess.CalledProcessError: ffmpeg failed; what it said is on standard error.
    """
    command: Sequence[str] = stream.compile(cmd=[ffmpeg_executable(), "-nostdin", "-v", "error", "-y"])
    quiet = {**os.environ, "SVT_LOG": "1"}
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=quiet)


def reference(source: Path, size: tuple[int, int], rate: Fraction, seconds: float, target: Path) -> Reference:
    """Make the reference of a film."""
    picture = ffmpeg.input(str(source))["v:0"].filter("fps", f"{rate.numerator}/{rate.denominator}")
    picture = picture.filter("scale", *size, flags="bicubic").filter("setsar", 1).filter("format", "yuv420p")
    run(ffmpeg.output(picture, str(target), **{"c:v": "libx264", "preset": "ultrafast", "qp": 0}))
    return Reference(target, *size, rate, seconds)


def encode(
    film: Reference, options: Mapping[str, Any], *, crf: float, source: Path | None = None, scaler: str = ""
) -> Point:
    """One encode and its score.

    Args:
        options: of the output.
        crf: as which the point is noted.
        source: encode this, scaled, instead of the reference.
        scaler: `flags` of that scaling.
    """
    with TemporaryDirectory(dir=film.path.parent) as name:
        target = Path(name) / "out.mp4"
        picture = ffmpeg.input(str(source or film.path))["v:0"]
        if source is not None:
            picture = picture.filter("scale", film.width, film.height, flags=scaler).filter("setsar", 1)
        run(ffmpeg.output(picture, str(target), **options))
        mean, p5 = vmaf(target, film)
        return Point(crf, kbit_s(target, film.seconds), mean, p5)


def kbit_s(file: Path, seconds: float) -> float:
    """Mean kbit/s of a file, container included."""
    return file.stat().st_size * 8 / 1000 / seconds


def vmaf(file: Path, film: Reference) -> tuple[float, float]:
    """VMAF (v0.6.1) mean and 5th percentile of a file at the reference's size."""
    rate = f"{film.rate.numerator}/{film.rate.denominator}"
    with TemporaryDirectory(dir=film.path.parent) as name:
        log = Path(name) / "vmaf.json"
        picture = ffmpeg.input(str(file))["v:0"].filter("fps", rate)
        picture = picture.filter("scale", film.width, film.height, flags="bicubic").filter("setsar", 1)
        pair = [
            stream.filter("format", "yuv420p").filter("settb", "AVTB").filter("setpts", "N")
            for stream in (picture, ffmpeg.input(str(film.path))["v:0"])
        ]
        compared = ffmpeg.filter(pair, "libvmaf", log_fmt="json", log_path=str(log), n_subsample=_EVERY, n_threads=2)
        run(ffmpeg.output(compared, "-", f="null"))
        return read_vmaf(log.read_text("utf-8"))
