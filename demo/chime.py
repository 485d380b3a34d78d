"""The sound of a placeholder track: a soft chime now and then, and no word.

No synthesiser speaks Tibetan, so a track that waits for an Amdo speaker must not pretend (domain.md §4).
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE_HZ = 16_000
_EVERY_S = 12.0
_NOTES_HZ = (523.25, 659.25)
_NOTE_S = 0.9
_PEAK = 9_000


def _note(frequency: float) -> list[int]:
    """A struck note that dies away."""
    count = int(_NOTE_S * RATE_HZ)
    return [
        round(_PEAK * math.exp(-4 * n / count) * math.sin(2 * math.pi * frequency * n / RATE_HZ)) for n in range(count)
    ]


def write_chime(path: Path, duration_s: float) -> None:
    """Write a mono 16-bit WAV of `duration_s` seconds: two notes at the beginning and every twelve seconds."""
    notes = [sample for frequency in _NOTES_HZ for sample in _note(frequency)]
    period = notes + [0] * (int(_EVERY_S * RATE_HZ) - len(notes))
    block = struct.pack(f"<{len(period)}h", *period)
    total = int(duration_s * RATE_HZ) * 2
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        for start in range(0, total, len(block)):
            out.writeframes(block[: total - start])
