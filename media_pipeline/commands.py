"""ffmpeg command lines, compiled by ffmpeg-python from plans (media.md §1, §5). Pure: nothing runs here.

Every input is opened by one named demuxer, with the local-file protocol only, listed decoders, a pixel limit and
a time limit; every stream is mapped explicitly; every path is absolute and written as `file:`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.facts import DECODERS, MAX_PIXELS, SourceFacts
from media_pipeline.plan import fitted_size
from media_pipeline.presets import PosterRung

SPARE_S = 5.0
"""Added to `-t`, so that the limit stops a lying file and never cuts an honest one."""
MAX_ERROR_RATE = 0.02
_POSTER_AT_SHARE, _POSTER_AT_MOST_S = 0.08, 30.0
_POSTER_FRAMES = 25
_SHORT_S = 10.0
"""A shorter film may have no frame after the place where a poster is looked for; its beginning is taken."""
FRAGMENTED = "+empty_moov+default_base_moof+global_sidx+negative_cts_offsets+skip_trailer"
BITEXACT: dict[str, Any] = {"fflags": "+bitexact", "map_metadata": -1, "map_chapters": -1}
"""No date and no name of a program in a file: the same pictures give the same bytes."""


def address(path: Path) -> str:
    """How ffmpeg is told of a file; raises ValueError for a relative path."""
    if not path.is_absolute():
        raise ValueError(f"not an absolute path: {path}")
    return f"file:{path}"


def prefix(executable: str, level: str = "error") -> list[str]:
    """What stands in front of every command."""
    return [
        executable, "-nostdin", "-hide_banner", "-nostats", "-v", level, "-progress", "pipe:1", "-stats_period", "1",
        "-max_error_rate", str(MAX_ERROR_RATE), "-filter_threads", "1", "-filter_complex_threads", "1", "-y",
    ]  # fmt: skip


def source(path: Path, facts: SourceFacts, **options: Any) -> ffmpeg.nodes.FilterableStream:
    """The original, behind every restriction; `ss` shortens what is read by as much."""
    return own_file(path, facts.demuxer, facts.duration_s, **options)


def own_file(path: Path, demuxer: str, duration_s: float, **options: Any) -> ffmpeg.nodes.FilterableStream:
    """A file this pipeline made; opened no more generously than a stranger's."""
    return ffmpeg.input(
        address(path),
        f=demuxer,
        protocol_whitelist="file",
        format_whitelist=demuxer,
        codec_whitelist=DECODERS,
        max_pixels=MAX_PIXELS,
        t=f"{duration_s + SPARE_S:.3f}",
        **options,
    )


def compiled(stream: Any, executable: str, level: str = "error") -> list[str]:
    """The words of a command line, every restriction that is not an input's in front."""
    return stream.compile(cmd=prefix(executable, level))


def muxed(video_path: Path, audio_path: Path | None, target: Path, *, duration_s: float, executable: str) -> list[str]:
    """A progressive copy, its index in front; nothing is encoded."""
    streams = [own_file(video_path, "mov", duration_s)["v:0"]]
    if audio_path is not None:
        streams.append(own_file(audio_path, "mov", duration_s)["a:0"])
    output = ffmpeg.output(*streams, address(target), c="copy", movflags="+faststart", f="mp4", **BITEXACT)
    return compiled(output, executable)


def poster(path: Path, facts: SourceFacts, rung: PosterRung, target: Path, *, executable: str) -> list[str]:
    """One telling frame near the beginning, or the still picture of a source without a moving one.

    Raises:
        ValueError: the source has no picture.
    """
    if facts.video is not None:
        at = min(_POSTER_AT_MOST_S, _POSTER_AT_SHARE * facts.video.end_s) if facts.video.end_s > _SHORT_S else 0.0
        frame = source(path, facts, ss=f"{at:.3f}")[str(facts.video.index)].filter("thumbnail", _POSTER_FRAMES)
        width, height = fitted_size(facts.video.width, facts.video.height, rung.height)
        frame = scaled_to(frame, width, height, hdr=facts.video.hdr)
    elif facts.still_index is not None:
        frame = source(path, facts)[str(facts.still_index)]
        frame = frame.filter("scale", -2, f"min({rung.height},ih)").filter("setsar", 1).filter("format", "yuv420p")
    else:
        raise ValueError("no picture")
    options = {"c:v": "libwebp", "quality": rung.quality, "frames:v": 1, "f": "webp", **BITEXACT}
    return compiled(ffmpeg.output(frame, address(target), **options), executable)


def scaled_to(stream: Any, width: int, height: int, *, hdr: bool) -> Any:
    """The picture at a size, in eight bits of 4:2:0; high dynamic range is mapped to the ordinary one."""
    scaled = stream.filter("scale", width, height, flags="bicubic").filter("setsar", 1)
    if hdr:
        scaled = (
            scaled.filter("zscale", t="linear", npl=100)
            .filter("format", "gbrpf32le")
            .filter("tonemap", "hable")
            .filter("zscale", p="bt709", t="bt709", m="bt709", r="tv")
        )
    return scaled.filter("format", "yuv420p")
