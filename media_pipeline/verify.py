"""Is an output what the source promised? Rules over measured numbers; exit statuses prove nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from media_pipeline.errors import VerifyFailed

_DURATION_TOLERANCE_S = 0.75
_DURATION_SHARE = 0.01
_FRAME_SHARE = 0.02
_FRAME_SPARE = 3
_ERRORS_FORGIVEN = 5
_ERROR_SHARE = 0.005
"""Captures often begin or end in the middle of something; more than this is damage (media.md §5)."""


@dataclass(frozen=True)
class Decoded:
    """What a full decode of an output gave."""

    duration_s: float
    frames: int


@dataclass(frozen=True)
class Promise:
    """What the plan promises of an output.

    Attributes:
        frames: None for sound.
        max_kbps: cap of the mean rate, container included; None for what has no cap.
        buffer_s: seconds at the cap that the rate control may run ahead, and that a header may take.
    """

    name: str
    duration_s: float
    frames: int | None = None
    max_kbps: int | None = None
    buffer_s: float = 4.0


def duration_matches(found_s: float, wanted_s: float) -> bool:
    """Within three quarters of a second or one per cent, whichever is more."""
    return abs(found_s - wanted_s) <= max(_DURATION_TOLERANCE_S, _DURATION_SHARE * wanted_s)


def check(promise: Promise, decoded: Decoded, length: int) -> None:
    """Compare an output of `length` bytes with what was promised.

    Raises:
        VerifyFailed: too short, too long, frames missing, or above its rate cap.
    """
    if not duration_matches(decoded.duration_s, promise.duration_s):
        raise VerifyFailed(reason=f"{promise.name}: {decoded.duration_s:.1f} s / {promise.duration_s:.1f} s")
    if promise.frames is not None and abs(decoded.frames - promise.frames) > _frame_slack(promise.frames):
        raise VerifyFailed(reason=f"{promise.name}: {decoded.frames} / {promise.frames} frames")
    if (over := times_cap(promise, length)) > 1:
        raise VerifyFailed(reason=f"{promise.name}: {over * (promise.max_kbps or 0):.0f} kbit/s > {promise.max_kbps}")


def times_cap(promise: Promise, length: int) -> float:
    """An output's mean rate as a multiple of its cap; 0 for what has none."""
    if promise.max_kbps is None:
        return 0.0
    return length * 8 / 1000 / (promise.duration_s + promise.buffer_s) / promise.max_kbps


def _frame_slack(frames: int) -> float:
    return max(_FRAME_SPARE, _FRAME_SHARE * frames)


def check_source_decoded(stderr: str, packets: int) -> None:
    """Refuse a source whose decoder complained too often while it was encoded.

    Args:
        stderr: what ffmpeg said at level "error": one line a complaint.
        packets: packets of the stream that was decoded.

    Raises:
        VerifyFailed: the picture or sound is damaged.
    """
    complaints = sum(1 for line in stderr.splitlines() if line.strip())
    if complaints > _ERRORS_FORGIVEN + _ERROR_SHARE * packets:
        raise VerifyFailed(reason=f"{complaints} decode errors")
