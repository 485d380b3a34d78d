"""Where sound is cut into pieces: in its quietest moments, so that an edit moves no other cut. Pure.

Everything is counted in frames of 20 ms, Opus's own (RFC 6716 §2.1.4). The choice is the one of `cuts`: a frame that
nothing near it outdoes, here in quiet, then in a hash of the samples around. In silence without any difference no
frame has a place of its own, so only its edges are chosen there.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.cuts import Priority, spaced_cuts

RATE = 48_000
"""Samples a second of decoded sound, one channel of signed 16 bits: Opus's own rate."""
FRAME = RATE // 50
FRAME_BYTES = 2 * FRAME
_EVERY = 7
"""Of a frame every seventh sample is looked at: how loud it is shows in those as well, whatever tone it is."""
_HUSH = 2
"""Frames on both sides of a cut that have to be quiet."""
_CONTEXT = 8
_LOUDEST_BITS = 16
_READ_FRAMES = 500


@dataclass(frozen=True)
class PiecePolicy:
    """Seconds a piece of sound lasts at least and at most.

    Shorter ones than a picture's chunks: a piece of sound has no keyframe to pay for, only a second of lead-in.
    """

    least_s: float = 15.0
    most_s: float = 45.0


@dataclass(frozen=True)
class Hearing:
    """What one look at decoded sound tells of each frame: how loud it is (peak to peak), and a hash of its samples."""

    levels: Sequence[int]
    hashes: Sequence[bytes]

    @property
    def frames(self) -> int:
        """How many frames there are, the last one perhaps cut short."""
        return len(self.levels)


def listen(pcm: Path) -> Hearing:
    """Read a file of samples from end to end."""
    levels: list[int] = []
    hashes: list[bytes] = []
    with pcm.open("rb") as reader:
        while block := reader.read(_READ_FRAMES * FRAME_BYTES):
            samples = array("h", block[: len(block) & ~1])
            for at in range(0, len(samples), FRAME):
                seen = samples[at : at + FRAME : _EVERY]
                levels.append(max(seen) - min(seen))
                hashes.append(hashlib.blake2b(block[2 * at : 2 * at + FRAME_BYTES], digest_size=8).digest())
    return Hearing(levels, hashes)


def _priorities(heard: Hearing) -> list[Priority]:
    """Of a cut before each frame: quiet around it in steps of 6 dB, then a hash of what is around."""
    found: list[Priority] = []
    for frame in range(heard.frames):
        around = heard.hashes[max(0, frame - _CONTEXT) : frame + _CONTEXT]
        if len(set(around)) <= 1:
            found.append((-1.0, ""))
            continue
        loudest = max(heard.levels[max(0, frame - _HUSH) : frame + _HUSH])
        place = hashlib.blake2b(b"".join(around), digest_size=8).hexdigest()
        found.append((float(max(0, _LOUDEST_BITS - loudest.bit_length())), place))
    return found


def find_pauses(heard: Hearing, policy: PiecePolicy | None = None) -> list[int]:
    """The first frame of every piece; the first is 0.

    Every piece but a whole short recording lasts at least `least_s`, and none longer than `most_s`.
    """
    policy = policy or PiecePolicy()
    frames_a_second = RATE // FRAME
    least = max(1, round(frames_a_second * policy.least_s))
    most = max(2 * least, round(frames_a_second * policy.most_s))
    return spaced_cuts(_priorities(heard), least, most)
