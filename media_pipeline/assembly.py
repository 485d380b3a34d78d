"""Joining chunks: fragments of several fragmented MP4s of one encode become one file with one index. Pure.

Nothing is encoded or copied bit by bit: the header of the first chunk, one `sidx`, and every fragment with its number
(`mfhd`) and its time (`tfdt`) set to where it now stands (ISO/IEC 14496-12 §8.8). A part may be a chunk's own file or
a run of fragments inside a published object, so a chunk is stored once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from media_pipeline.fmp4 import (
    MAX_INIT_BYTES,
    BadFragmentedMp4,
    Box,
    Layout,
    SidxEntry,
    decode_time,
    find,
    read_layout,
)

_PIECE = 1 << 20
_SAP_TYPE_1 = 0x90000000


@dataclass(frozen=True)
class Part:
    """A run of fragments of one file; `count` None means all of them.

    Attributes:
        file: seekable, open for reading.
        length: its bytes.
        first: number of the first fragment.
    """

    file: BinaryIO
    length: int
    first: int = 0
    count: int | None = None


@dataclass(frozen=True)
class _Fragment:
    part: Part
    moof: Box
    mdat: Box
    entry: SidxEntry


def join(parts: Sequence[Part], target: BinaryIO) -> list[int]:
    """Write one file out of the parts, in their order; returns how many fragments each part gave.

    Raises:
        BadFragmentedMp4: a part is not what this pipeline makes, or the parts come from different encodes.
        ValueError: no parts.
    """
    if not parts:
        raise ValueError("nothing to join")
    # Runs of one file, as a revision has them, are told by one reading of its boxes.
    known = {id(part.file): read_layout(part.file, part.length) for part in {id(p.file): p for p in parts}.values()}
    layouts = [known[id(part.file)] for part in parts]
    first = layouts[0]
    if any(layout.init != first.init or layout.sidx.timescale != first.sidx.timescale for layout in layouts):
        raise BadFragmentedMp4("chunks of different encodes")
    runs = [_run(part, layout) for part, layout in zip(parts, layouts, strict=True)]
    fragments = [fragment for run in runs for fragment in run]
    target.write(first.init)
    target.write(index_box(first.init, first.sidx.timescale, [fragment.entry for fragment in fragments]))
    time = 0
    for number, fragment in enumerate(fragments, 1):
        for piece in _moved(fragment, number, time):
            target.write(piece)
        time += fragment.entry.duration
    return [len(run) for run in runs]


def _run(part: Part, layout: Layout) -> list[_Fragment]:
    last = len(layout.fragments) if part.count is None else part.first + part.count
    chosen = list(zip(layout.fragments, layout.sidx.entries, strict=True))[part.first : last]
    if not chosen or len(chosen) != last - part.first:
        raise BadFragmentedMp4(f"fragments {part.first} to {last} are not all there")
    return [_Fragment(part, moof, mdat, entry) for (moof, mdat), entry in chosen]


def index_box(init: bytes, timescale: int, entries: Sequence[SidxEntry]) -> bytes:
    """One index over all fragments (14496-12 §8.16.3), version 0: every decode time begins at 0."""
    track = find(init, "moov", "trak", "tkhd")
    if track is None:
        raise BadFragmentedMp4("no track")
    version = init[track.start + track.header]
    identity = struct.unpack_from(">I", init, track.start + track.header + (20 if version else 12))[0]
    if len(entries) > 0xFFFF:
        raise BadFragmentedMp4(f"{len(entries)} fragments")
    rows = b"".join(struct.pack(">III", entry.size, entry.duration, _SAP_TYPE_1) for entry in entries)
    body = struct.pack(">IIIIIHH", 0, identity, timescale, 0, 0, 0, len(entries)) + rows
    return struct.pack(">I4s", len(body) + 8, b"sidx") + body


def _moved(fragment: _Fragment, number: int, time: int) -> Iterator[bytes]:
    """The bytes of a fragment at its new place."""
    file, moof, mdat = fragment.part.file, fragment.moof, fragment.mdat
    if moof.size > MAX_INIT_BYTES:
        raise BadFragmentedMp4(f"moof of {moof.size} bytes")
    file.seek(moof.start)
    head = bytearray(file.read(moof.size))
    decode_time(bytes(head))
    numbered, timed = find(bytes(head), "moof", "mfhd"), find(bytes(head), "moof", "traf", "tfdt")
    if numbered is None or timed is None:
        raise BadFragmentedMp4("moof without mfhd or tfdt")
    struct.pack_into(">I", head, numbered.start + numbered.header + 4, number)
    payload = timed.start + timed.header
    struct.pack_into(">Q" if head[payload] == 1 else ">I", head, payload + 4, time)
    yield bytes(head)
    left = mdat.size
    while left:
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise BadFragmentedMp4("file cut off")
        yield piece
        left -= len(piece)
