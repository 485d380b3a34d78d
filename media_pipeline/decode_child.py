"""Decodes finished outputs from end to end with PyAV and prints what it found; runs only behind `sandbox.py`.

Run as `python -I decode_child.py DECODERS MAX_PIXELS PATH…`. One process and one thread decode all of them: handing
each packet through the five threads of an `ffmpeg` run costs more than decoding sound does. While it works it prints
`out_time_us=`, as ffmpeg would; its last line is JSON, one {"seconds", "frames", "streams"} a path, or an "error".
It imports nothing of the platform.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import av

_TELL_EVERY = 2000
"""Frames between two lines of progress."""


def _decode(path: str, options: dict[str, str], before_s: float) -> dict[str, Any]:
    """Decode the one stream of a file; the first complaint ends it."""
    frames, begin, end = 0, None, 0
    with av.open(f"file:{path}", format="mov", options=options) as container:
        stream: Any = container.streams[0]
        # Smoothing the edges of blocks reads nothing from the file, so it is left out: a quarter less work.
        stream.codec_context.options = {"err_detect": "explode", "skip_loop_filter": "all"}
        stream.codec_context.thread_count = 1
        sound = stream.type == "audio"
        scale = 1 / stream.codec_context.sample_rate if sound else float(stream.time_base)
        for packet in container.demux(stream):
            for frame in packet.decode():
                if frame.is_corrupt:
                    raise ValueError(f"frame {frames} is damaged")
                frames += 1
                if sound:
                    end += frame.samples
                elif frame.pts is not None:
                    begin = frame.pts if begin is None else min(begin, frame.pts)
                    end = max(end, frame.pts + (frame.duration or 0))
                if frames % _TELL_EVERY == 0:
                    sys.stdout.write(f"out_time_us={round((before_s + (end - (begin or 0)) * scale) * 1e6)}\n")
                    sys.stdout.flush()
        return {"seconds": (end - (begin or 0)) * scale, "frames": frames, "streams": len(container.streams)}


def main(decoders: str, max_pixels: str, *paths: str) -> None:
    """Print the report; what could not be decoded has an "error", and those after it are not looked at."""
    av.logging.set_level(av.logging.ERROR)
    av.logging.restore_default_callback()
    options = {
        "protocol_whitelist": "file", "format_whitelist": "mov", "codec_whitelist": decoders, "max_pixels": max_pixels
    }  # fmt: skip
    reports: list[dict[str, Any]] = []
    for path in paths:
        try:
            reports.append(_decode(path, options, sum(report["seconds"] for report in reports)))
        except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
            reports.append({"error": f"{type(error).__name__}"})
            break
    sys.stdout.write(json.dumps(reports) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
