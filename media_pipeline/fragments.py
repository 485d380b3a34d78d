"""Writing a fragmented MP4 of one sound track out of packets (ISO/IEC 14496-12 §8.8). Pure.

ffmpeg writes the header; the fragments are written here, since a piece of sound begins behind the packets of its
lead-in and may end in shorter ones.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from media_pipeline.assembly import index_box
from media_pipeline.fmp4 import SidxEntry

_TRACK = 1
_BASE_IS_MOOF = 0x020000
_DEFAULT_DURATION, _DEFAULT_FLAGS = 0x08, 0x20
_DATA_OFFSET, _DURATIONS, _SIZES = 0x01, 0x100, 0x200
_INDEPENDENT = 0x02000000
"""Sample flags: depends on no other sample (14496-12 §8.8.3.1)."""


@dataclass(frozen=True)
class Packet:
    """One packet, with its duration in the track's timescale."""

    content: bytes
    duration: int


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(version: int, flags: int) -> bytes:
    return struct.pack(">I", version << 24 | flags)


def _fragment(packets: Sequence[Packet], number: int, time: int) -> bytes:
    """A `moof` and its `mdat`; durations are told one by one only where they differ."""
    usual = packets[0].duration
    even = all(packet.duration == usual for packet in packets)
    header = _box(
        b"tfhd",
        _full(0, _BASE_IS_MOOF | _DEFAULT_DURATION | _DEFAULT_FLAGS),
        struct.pack(">III", _TRACK, usual, _INDEPENDENT),
    )
    timed = _box(b"tfdt", _full(1, 0), struct.pack(">Q", time))
    rows = [(len(p.content),) if even else (p.duration, len(p.content)) for p in packets]
    table = b"".join(struct.pack(f">{len(row)}I", *row) for row in rows)
    flags = _DATA_OFFSET | _SIZES | (0 if even else _DURATIONS)

    def moof(offset: int) -> bytes:
        run = _box(b"trun", _full(0, flags), struct.pack(">II", len(packets), offset), table)
        return _box(b"moof", _box(b"mfhd", _full(0, 0), struct.pack(">I", number)), _box(b"traf", header, timed, run))

    head = moof(len(moof(0)) + 8)
    return head + _box(b"mdat", *(packet.content for packet in packets))


def sound_file(init: bytes, packets: Sequence[Packet], timescale: int, segment_s: float) -> bytes:
    """A whole file: the header, an index, and fragments of about `segment_s` seconds, all of nearly one length.

    Args:
        init: `ftyp` and `moov` of a file of the same encoder with one track, number 1.

    Raises:
        ValueError: no packets.
    """
    if not packets:
        raise ValueError("nothing to write")
    whole = sum(packet.duration for packet in packets)
    count = max(1, round(whole / timescale / segment_s))
    groups: list[list[Packet]] = [[]]
    elapsed = 0
    for packet in packets:
        if groups[-1] and elapsed * count >= len(groups) * whole:
            groups.append([])
        groups[-1].append(packet)
        elapsed += packet.duration
    fragments, entries, time = [], [], 0
    for number, group in enumerate(groups, 1):
        fragment = _fragment(group, number, time)
        duration = sum(packet.duration for packet in group)
        fragments.append(fragment)
        entries.append(SidxEntry(len(fragment), duration, True))
        time += duration
    return b"".join([init, index_box(init, timescale, entries), *fragments])
