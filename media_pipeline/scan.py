"""What one pass over the decoded pictures tells: a hash of every frame, and how much each differs from the last. Pure.

ffmpeg writes both (`commands.scan`); everything that is content-defined (chunks, class, deck) is derived from them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_pipeline.errors import VerifyFailed

_HASH = re.compile(r"^0,\s*\d+,\s*(\d+),\s*\d+,\s*\d+,\s*([0-9a-f]{32})\s*$")
_MOVE = re.compile(r"^lavfi\.scd\.mafd=(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Scan:
    """The frames of a source at the frame rate that is encoded.

    Attributes:
        rate: frames a second.
        hashes: 128 bits a frame, of its decoded pixels (MurmurHash3; not cryptographic, and need not be: a source can
            only collide with itself).
        moves: mean absolute difference to the frame before, in per cent of full scale; 0 for the first.
        looks: a hash of a small copy of each frame, by which another run tells that it sees the same frames.
    """

    rate: Fraction
    hashes: Sequence[str]
    moves: Sequence[float]
    looks: Sequence[str] = ()

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return len(self.hashes)

    def seconds(self, frame: int) -> float:
        """When a frame begins."""
        return float(frame / self.rate)

    def digest(self, start: int, end: int) -> str:
        """SHA-256 over the hashes of the frames [start, end): the identity of a chunk's pictures."""
        return digest_of(self.hashes[start:end])

    def looks_digest(self, start: int, end: int) -> str:
        """SHA-256 over the small copies of the same frames."""
        return digest_of(self.looks[start:end])


def read_scan(hash_lines: Iterable[str], look_lines: Iterable[str], move_lines: Iterable[str], rate: Fraction) -> Scan:
    """Read what ffmpeg's `framehash` and `scdet` wrote.

    Raises:
        VerifyFailed: no frames, or the three disagree about how many.
    """
    hashes, looks = _hashes(hash_lines), _hashes(look_lines)
    moves = [float(found[1]) for line in move_lines if (found := _MOVE.match(line))]
    if not hashes or len(looks) != len(hashes) or abs(len(hashes) - len(moves)) > 1:
        raise VerifyFailed(reason=f"{len(hashes)} frames, {len(looks)} small ones, {len(moves)} differences")
    moves = [*moves, 0.0][: len(hashes)]
    return Scan(rate, tuple(hashes), tuple(moves), tuple(looks))


def _hashes(lines: Iterable[str]) -> list[str]:
    return [found[2] for line in lines if (found := _HASH.match(line))]


def frames_digest(hash_file: Path) -> str:
    """The digest of all frames that ffmpeg's `framehash` wrote into a file."""
    with hash_file.open(encoding="ascii") as lines:
        return digest_of(_hashes(lines))


def digest_of(hashes: Sequence[str]) -> str:
    """SHA-256 over frames' hashes."""
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()
