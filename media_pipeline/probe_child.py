"""Reads a stranger's file with PyAV and prints what it found as JSON; runs only behind `sandbox.py`.

Run as `python -I probe_child.py DEMUXER DECODERS MAX_PIXELS PATH`. Every packet is read and, but for a picture's
first frame, none is decoded, which gives the true length and number of frames at 2,000 times real time and more.
It imports nothing of the platform.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from typing import Any

import av

_MAX_DESCRIBED = 120
"""Above the limit of `facts.MAX_TRACKS`, so that the refusal can name what it saw."""
_MAX_STREAMS = 1000
"""Where FFmpeg itself gives up opening a file."""
_MAX_PACKETS = 20_000_000
"""Six hours of the fastest film with the shortest sound packets have fewer."""
_TOO_LARGE = re.compile(r"Picture size (\d+)x(\d+) (?:exceeds|is invalid)")
"""What a decoder says that refused a picture for `max_pixels`; it forgets the size with it."""


def _picture(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    sar = context.sample_aspect_ratio
    rate = stream.average_rate or stream.base_rate
    return {
        "width": context.width,
        "height": context.height,
        "sar": [sar.numerator, sar.denominator] if sar else None,
        "fps": float(rate) if rate else 0.0,
        "transfer": {16: "smpte2084", 18: "arib-std-b67"}.get(int(getattr(context, "color_trc", 0) or 0), ""),
        "frames": stream.frames,
        "cover": bool(stream.disposition & av.stream.Disposition.attached_pic),
    }


def _describe(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    row: dict[str, Any] = {
        "index": stream.index,
        "type": stream.type,
        "codec": context.codec.canonical_name if context else "unknown",
        "default": bool(stream.disposition & av.stream.Disposition.default),
        "packets": 0,
        "bytes": 0,
        "end_s": 0.0,
    }
    if stream.type == "video" and context:
        row |= _picture(stream)
    elif stream.type == "audio" and context:
        row |= {"sample_rate": context.sample_rate, "channels": context.channels}
    return row


def _scan(container: Any, rows: dict[int, dict[str, Any]]) -> bool:
    """Count packets and find each stream's end; a read error ends the scan, as a player would end there.

    Returns:
        Whether everything was counted.
    """
    # Whole numbers only in the loop: it runs once a packet, and fractions cost more there than reading does.
    counts = {index: [0, 0, 0, 0] for index in rows}
    number = 0
    with contextlib.suppress(av.error.FFmpegError):
        for number, packet in enumerate(container.demux()):
            if number >= _MAX_PACKETS:
                break
            count, size, at = counts.get(packet.stream_index), packet.size, packet.pts
            # What an edit list cuts away is read for the frames behind it, and shown nowhere.
            if count is None or size == 0 or at is None or packet.is_discard:
                continue
            end = at + (packet.duration or 0)
            if count[0] == 0:
                count[2], count[3] = at, end
            count[0] += 1
            count[1] += size
            if at < count[2]:
                count[2] = at
            if end > count[3]:
                count[3] = end
    scales = {stream.index: float(stream.time_base or 0) for stream in container.streams if stream.index in rows}
    first = min((count[2] * scales[index] for index, count in counts.items() if count[0]), default=0.0)
    for index, (packets, size, _begin, end) in counts.items():
        rows[index] |= {"packets": packets, "bytes": size}
        if packets:
            rows[index]["end_s"] = max(0.0, end * scales[index] - first)
    return number < _MAX_PACKETS


def _rotation(container: Any, row: dict[str, Any], max_pixels: int) -> int:
    """Degrees a picture is to be turned by; PyAV tells it with a decoded frame only, so one is decoded."""
    if row["cover"] or row["packets"] <= 1 or not 0 < row["width"] * row["height"] <= max_pixels:
        return 0
    container.streams[row["index"]].codec_context.options = {"max_pixels": str(max_pixels)}
    with contextlib.suppress(av.error.FFmpegError, MemoryError):
        container.seek(0)
        for number, frame in enumerate(container.decode(container.streams[row["index"]])):
            return int(frame.rotation) if number == 0 else 0
    return 0


def _open(demuxer: str, decoders: str, max_pixels: str, path: str) -> Any:
    """Open the file; that decodes what its container doesn't tell, hence the limit for each stream.

    Raises:
        FFmpegError, OSError: it can't be read.
    """
    options = {"protocol_whitelist": "file", "format_whitelist": demuxer, "codec_whitelist": decoders}
    limit: Any = [{"max_pixels": max_pixels}] * _MAX_DESCRIBED
    address = f"file:{path}"
    try:
        return av.open(address, format=demuxer, options=options, stream_options=limit, metadata_errors="replace")
    except ValueError:
        # FLV and MPEG program streams show their streams only as they come, and PyAV takes no options for those.
        return av.open(address, format=demuxer, options=options, metadata_errors="replace")


def main(demuxer: str, decoders: str, max_pixels: str, path: str) -> None:
    """Print the report of one file; exit status 3 when it can't be opened."""
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as said:
            container = _open(demuxer, decoders, max_pixels, path)
    except (av.error.FFmpegError, OSError, MemoryError) as error:
        if any("max_streams" in line[2] for line in said):
            sys.stdout.write(json.dumps({"duration_s": None, "tracks": _MAX_STREAMS + 1, "streams": []}))
            return
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
        raise SystemExit(3) from None
    with container:
        av.logging.set_level(av.logging.PANIC)
        refused = next((found for line in said if (found := _TOO_LARGE.search(line[2]))), None)
        tracks = len(container.streams)
        streams = list(container.streams)[:_MAX_DESCRIBED]
        rows = {stream.index: _describe(stream) for stream in streams if stream.type in ("video", "audio")}
        counted = tracks > _MAX_DESCRIBED or _scan(container, rows)
        for row in rows.values():
            if row["type"] == "video" and "width" in row:
                row["rotation"] = _rotation(container, row, int(max_pixels))
        duration_s = container.duration / av.time_base if container.duration else None
    report = {
        "duration_s": duration_s,
        "tracks": tracks,
        "uncounted": not counted,
        "refused_size": [int(number) for number in refused.groups()] if refused else None,
        "streams": list(rows.values()),
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:5])
