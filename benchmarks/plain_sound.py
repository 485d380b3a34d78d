"""The sound rungs as one would order them of ffmpeg by hand: one run for the loudness, one for all codecs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.presets import AudioRung, Ladder
from media_pipeline.sound_commands import encoding


def _mono(lecture: Path) -> Any:
    return ffmpeg.input(str(lecture))["a:0"].filter("aformat", channel_layouts="mono")


def loudness(lecture: Path, executable: str) -> list[str]:
    """Measure it."""
    sound = _mono(lecture).filter("ebur128", dualmono="true", framelog="quiet", peak="none")
    sound = sound.filter("asetnsamples", 96_000, p=0)
    return ffmpeg.output(sound, "-", f="null").compile(cmd=[executable, "-v", "error", "-y"])


def rungs(
    lecture: Path, outputs: Mapping[AudioRung, Path], ladder: Ladder, gain_db: float, executable: str
) -> list[str]:
    """Encode all of them from one decode."""
    sound = _mono(lecture).filter("volume", f"{gain_db:.2f}dB").filter("alimiter", limit="0.8414", level="disabled")
    copies = sound.filter_multi_output("asplit", len(outputs))
    made = [
        ffmpeg.output(copies.stream(number), str(target), **encoding(rung, ladder))
        for number, (rung, target) in enumerate(outputs.items())
    ]
    return ffmpeg.merge_outputs(*made).compile(cmd=[executable, "-v", "error", "-y"])
