"""The segment index of a media object: playlist, verification list and delta map in one (offline.md §2). Pure."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from typing import Any, BinaryIO

from media_pipeline.fmp4 import (
    MAX_INIT_BYTES,
    BadFragmentedMp4,
    Box,
    Sidx,
    codec_string,
    decode_time,
    normalised,
    read_layout,
)

FORMAT_VERSION = 1
_PIECE = 1 << 20


@dataclass(frozen=True)
class Segment:
    """One `moof` + `mdat`: bytes, milliseconds, and the hash of its normalised bytes."""

    length: int
    duration_ms: int
    sha256: str


@dataclass(frozen=True)
class SegmentIndex:
    """All about one fragmented MP4; `init` is the number of bytes before its first `moof`."""

    object_sha256: str
    length: int
    mime: str
    init: int
    init_sha256: str
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        """Sum of the segments' durations in seconds."""
        return sum(segment.duration_ms for segment in self.segments) / 1000

    @property
    def peak_bps(self) -> int:
        """Bits per second of the densest whole second-long or longer segment; 0 without one."""
        rates = [8000 * s.length / s.duration_ms for s in self.segments if s.duration_ms >= 1000]
        return round(max(rates, default=0.0))

    def as_json(self) -> dict[str, Any]:
        """The object of the specification, format version 1."""
        return {
            "v": FORMAT_VERSION,
            "object": self.object_sha256,
            "length": self.length,
            "mime": self.mime,
            "init": self.init,
            "init_sha256": self.init_sha256,
            "segments": [[s.length, s.duration_ms, s.sha256] for s in self.segments],
        }

    def as_bytes(self) -> bytes:
        """The canonical bytes that are stored and hashed: sorted keys, no spaces, UTF-8."""
        return canonical(self.as_json())


def canonical(value: Any) -> bytes:
    """JSON in its one form: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _check_sidx(sidx: Sidx, sizes: list[int], times: list[int]) -> None:
    if sidx.first_offset != 0:
        raise BadFragmentedMp4("sidx doesn't point to the first fragment")
    if [entry.size for entry in sidx.entries] != sizes:
        raise BadFragmentedMp4("sidx and fragments disagree about sizes")
    if any(not entry.starts_with_sap for entry in sidx.entries):
        raise BadFragmentedMp4("a segment doesn't begin with a keyframe")
    if times != sorted(times) or times[0] != 0:
        raise BadFragmentedMp4("decode times don't grow from zero")


def _hash_segment(file: BinaryIO, moof: Box, mdat: Box) -> tuple[str, int]:
    if moof.size > MAX_INIT_BYTES:
        raise BadFragmentedMp4(f"moof of {moof.size} bytes")
    file.seek(moof.start)
    head = file.read(moof.size)
    digest = hashlib.sha256(normalised(head))
    left = mdat.size
    while left:
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise BadFragmentedMp4("file cut off")
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest(), decode_time(head)


def build_index(file: BinaryIO, length: int, *, kind: str, object_sha256: str) -> SegmentIndex:
    """Index a finished fragmented MP4 of one track, checking that its `sidx` tells the truth.

    Args:
        file: seekable, open for reading.
        length: its bytes.
        kind: "video" or "audio", for the MIME type.
        object_sha256: hash of the whole file.

    Raises:
        BadFragmentedMp4: layout, sizes, keyframes or times are not as they should be.
    """
    layout = read_layout(file, length)
    hashed = [_hash_segment(file, moof, mdat) for moof, mdat in layout.fragments]
    sizes = [moof.size + mdat.size for moof, mdat in layout.fragments]
    _check_sidx(layout.sidx, sizes, [time for _sha, time in hashed])
    return SegmentIndex(
        object_sha256=object_sha256,
        length=length,
        mime=f'{kind}/mp4; codecs="{codec_string(layout.head)}"',
        init=len(layout.head),
        init_sha256=hashlib.sha256(layout.head).hexdigest(),
        segments=tuple(
            Segment(size, duration_ms, sha)
            for size, duration_ms, (sha, _time) in zip(sizes, _durations_ms(layout.sidx), hashed, strict=True)
        ),
    )


def _durations_ms(sidx: Sidx) -> list[int]:
    """Durations rounded so that they add up: each is the difference of two rounded moments."""
    moments, elapsed = [0], 0
    for entry in sidx.entries:
        elapsed += entry.duration
        moments.append(round(1000 * elapsed / sidx.timescale))
    return [later - earlier for earlier, later in itertools.pairwise(moments)]
