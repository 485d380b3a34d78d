"""ffmpeg command lines for sound (media.md §1, §4, §5). Pure: nothing runs here.

The source is decoded once, to one channel of plain samples; loudness, pieces and whole encodes are made from those.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.commands import BITEXACT, FRAGMENTED, SPARE_S, address, compiled, source
from media_pipeline.facts import MAX_PIXELS, SourceFacts
from media_pipeline.pauses import FRAME, RATE
from media_pipeline.presets import AudioRung, Ladder

LONG_PACKET, SHORT_PACKET = 3, 1
"""Frames of 20 ms in a packet. Long ones take a fifth less bytes (measured: 15.2 against 18.7 kbit/s); short ones fill
what the last long one leaves of a piece, so that a piece may end at any frame."""
LEAD_FRAMES = 48
"""Frames that are encoded in front of a piece and dropped, so that the encoder is in its stride; whole long packets."""
_LONG_FRAME = 96_000
"""Samples handed on at a time once measured; pieces of 1,024, as sources have them, cost a fifth more in all."""


def decode(path: Path, facts: SourceFacts, target: Path, *, executable: str) -> list[str]:
    """The sound as samples: one channel that begins at time zero; gaps in the timestamps are filled with silence.

    Raises:
        ValueError: the source has no sound.
    """
    if facts.audio is None:
        raise ValueError("no sound to decode")
    sound = (
        source(path, facts)[str(facts.audio.index)]
        .filter("aresample", RATE, **{"async": 1, "first_pts": 0})
        .filter("aformat", channel_layouts="mono", sample_fmts="s16")
    )
    return compiled(ffmpeg.output(sound, address(target), f="s16le", **{"c:a": "pcm_s16le"}), executable)


def _samples(pcm: Path, duration_s: float, *, begin: int = 0) -> Any:
    """Decoded samples from a frame on."""
    return ffmpeg.input(
        address(pcm),
        f="s16le",
        ar=RATE,
        ac=1,
        protocol_whitelist="file",
        format_whitelist="s16le",
        codec_whitelist="pcm_s16le",
        max_pixels=MAX_PIXELS,
        ss=f"{begin * FRAME / RATE:.2f}",
        t=f"{duration_s + SPARE_S:.3f}",
    )["a:0"]


def loudness(pcm: Path, duration_s: float, *, executable: str) -> list[str]:
    """The loudness by EBU R128; `supervisor` reads the summary on stderr."""
    # A phone plays one channel on both of its speakers, hence dualmono.
    sound = (
        _samples(pcm, duration_s)
        .filter("asetnsamples", FRAME * 5, p=0)
        .filter("ebur128", dualmono="true", framelog="quiet", peak="none")
        .filter("asetnsamples", _LONG_FRAME, p=0)
    )
    return compiled(ffmpeg.output(sound, "-", f="null"), executable, level="info")


def _levelled(sound: Any, ladder: Ladder, gain_db: float) -> Any:
    """One gain for the whole, and a limiter behind it."""
    return sound.filter("volume", f"{gain_db:.2f}dB").filter(
        "alimiter", limit=f"{10 ** (ladder.peak_dbfs / 20):.4f}", level="disabled"
    )


def whole(
    pcm: Path, rung: AudioRung, target: Path, ladder: Ladder, *, duration_s: float, gain_db: float, executable: str
) -> list[str]:
    """A rung from beginning to end in one run."""
    sound = _levelled(_samples(pcm, duration_s), ladder, gain_db)
    options = encoding(rung, ladder)
    return compiled(ffmpeg.output(sound, address(target), **options, **_container(ladder)), executable)


def end_lead(begin: int, frames: int) -> int:
    """Frames of lead-in in front of the short packets that end a piece."""
    return min(LEAD_FRAMES, min(LEAD_FRAMES, begin) + frames - frames % LONG_PACKET)


def piece(
    pcm: Path,
    rung: AudioRung,
    begin: int,
    frames: int,
    targets: tuple[Path, Path],
    ladder: Ladder,
    *,
    gain_db: float,
    executable: str,
) -> list[str]:
    """`frames` frames of sound from frame `begin` on, with the lead-in in front of them.

    Args:
        targets: all of it in long packets; and the end, where long packets do not come out even, in short ones.
    """
    lead = min(LEAD_FRAMES, begin)
    sound = _samples(pcm, (lead + frames) * FRAME / RATE, begin=begin - lead)
    sound = sound.filter("atrim", end_sample=(lead + frames) * FRAME)
    sound = _levelled(sound, ladder, gain_db)
    rest = frames % LONG_PACKET
    if not rest:
        output = ffmpeg.output(sound, address(targets[0]), **encoding(rung, ladder), **_container(ladder))
        return compiled(output, executable)
    copies = sound.filter_multi_output("asplit", 2)
    before = lead + frames - rest - end_lead(begin, frames)
    end = copies.stream(1).filter("atrim", start_sample=before * FRAME).filter("asetpts", "PTS-STARTPTS")
    made = [
        ffmpeg.output(stream, address(target), **encoding(rung, ladder, packet=packet), **_container(ladder))
        for stream, target, packet in zip((copies.stream(0), end), targets, (LONG_PACKET, SHORT_PACKET), strict=True)
    ]
    return compiled(ffmpeg.merge_outputs(*made), executable)


def encoding(rung: AudioRung, ladder: Ladder, *, packet: int = LONG_PACKET) -> dict[str, Any]:
    """The encoder and its options."""
    options: dict[str, Any] = {"c:a": rung.encoder, "b:a": f"{rung.kbps}k", "ar": rung.sample_rate, "ac": 1}
    if rung.encoder == "libopus":
        options |= {"application": "voip", "vbr": "on", "frame_duration": 20 * packet}
    return options


def _container(ladder: Ladder) -> dict[str, Any]:
    return {
        "flags:a": "+bitexact",
        "frag_duration": round(ladder.audio_segment_s * 1_000_000),
        "movflags": FRAGMENTED.replace("empty_moov", "delay_moov"),
        "f": "mp4",
        **BITEXACT,
    }
