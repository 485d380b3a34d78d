"""Reading fragmented MP4 (ISO/IEC 14496-12): boxes, `sidx`, fragments, codec strings. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_BOX_HEADER = 16
MAX_INIT_BYTES = 1 << 20
"""Larger `moov` or `moof` boxes are no product of this pipeline."""
_MAX_BOXES = 200_000


class BadFragmentedMp4(ValueError):
    """The file is not the fragmented MP4 it should be; the text says where."""


@dataclass(frozen=True)
class Box:
    """A box: its type, where it begins, the bytes of its header and of the whole."""

    kind: str
    start: int
    header: int
    size: int

    @property
    def end(self) -> int:
        """The byte after the box."""
        return self.start + self.size


@dataclass(frozen=True)
class SidxEntry:
    """One subsegment of the `sidx`: bytes, duration in its timescale, whether it starts with a random access point."""

    size: int
    duration: int
    starts_with_sap: bool


@dataclass(frozen=True)
class Sidx:
    """The segment index box (14496-12 §8.16.3)."""

    timescale: int
    earliest: int
    first_offset: int
    entries: tuple[SidxEntry, ...]


def _box_at(header: bytes, start: int, limit: int) -> Box:
    if len(header) < 8:
        raise BadFragmentedMp4(f"box header cut off at {start}")
    size, kind = struct.unpack_from(">I4s", header)
    length = 8
    if size == 1:
        if len(header) < 16:
            raise BadFragmentedMp4(f"box header cut off at {start}")
        size, length = struct.unpack_from(">Q", header, 8)[0], 16
    if size < length or start + size > limit:
        raise BadFragmentedMp4(f"box {kind!r} at {start} has the impossible size {size}")
    return Box(kind.decode("latin-1"), start, length, size)


def top_level(file: BinaryIO, length: int) -> Iterator[Box]:
    """The boxes of a file of `length` bytes, in order.

    Raises:
        BadFragmentedMp4: a size that doesn't fit, or absurdly many boxes.
    """
    position = 0
    for _number in range(_MAX_BOXES):
        if position == length:
            return
        file.seek(position)
        box = _box_at(file.read(MAX_BOX_HEADER), position, length)
        yield box
        position = box.end
    raise BadFragmentedMp4("too many boxes")


def children(content: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes that lie in `content[start:end]`.

    Raises:
        BadFragmentedMp4: a size that doesn't fit.
    """
    while start < end:
        box = _box_at(content[start : start + MAX_BOX_HEADER], start, end)
        yield box
        start = box.end


def find(content: bytes, *path: str, start: int = 0, end: int | None = None) -> Box | None:
    """The first box down the path of types, e.g. `find(moov, "moov", "trak", "mdia")`."""
    limit = len(content) if end is None else end
    found: Box | None = None
    for kind in path:
        found = next((box for box in children(content, start, limit) if box.kind == kind), None)
        if found is None:
            return None
        start, limit = found.start + found.header, found.end
    return found


def parse_sidx(content: bytes) -> Sidx:
    """Read a whole `sidx` box.

    Raises:
        BadFragmentedMp4: another box, cut off, or one that refers to further `sidx` boxes.
    """
    try:
        size, kind, version = struct.unpack_from(">I4sB", content)
        timescale = struct.unpack_from(">I", content, 16)[0]
        earliest, offset = struct.unpack_from(">II" if version == 0 else ">QQ", content, 20)
        position = 28 if version == 0 else 36
        count = struct.unpack_from(">H", content, position + 2)[0]
        rows = list(struct.iter_unpack(">III", content[position + 4 : position + 4 + 12 * count]))
    except struct.error as error:
        raise BadFragmentedMp4("sidx cut off") from error
    if kind != b"sidx" or size != len(content) or len(rows) != count or timescale == 0:
        raise BadFragmentedMp4("not a whole sidx box")
    if any(reference >> 31 for reference, _duration, _sap in rows):
        raise BadFragmentedMp4("hierarchical sidx")
    entries = tuple(SidxEntry(reference & 0x7FFFFFFF, duration, bool(sap >> 31)) for reference, duration, sap in rows)
    return Sidx(timescale, earliest, offset, entries)


@dataclass(frozen=True)
class Layout:
    """A fragmented MP4 of one track.

    Attributes:
        head: all that precedes the first fragment.
        init: what of it precedes the index.
        fragments: every `moof` with its `mdat`.
    """

    head: bytes
    init: bytes
    sidx: Sidx
    fragments: list[tuple[Box, Box]]


def read_layout(file: BinaryIO, length: int) -> Layout:
    """Where everything of a file lies: `ftyp`, `moov`, one `sidx`, then `moof` and `mdat` in turn.

    Args:
        file: seekable, open for reading.
        length: its bytes.

    Raises:
        BadFragmentedMp4: the file is laid out in another way.
    """
    boxes = list(top_level(file, length))
    kinds = [box.kind for box in boxes]
    if kinds[:3] != ["ftyp", "moov", "sidx"] or kinds[3:] != ["moof", "mdat"] * (len(kinds[3:]) // 2) or len(kinds) < 5:
        raise BadFragmentedMp4(f"unexpected boxes {kinds[:8]}")
    index = boxes[2]
    if index.end > MAX_INIT_BYTES:
        raise BadFragmentedMp4(f"init part of {index.end} bytes")
    file.seek(0)
    head = file.read(index.end)
    sidx = parse_sidx(head[index.start :])
    fragments = list(zip(boxes[3::2], boxes[4::2], strict=True))
    if len(sidx.entries) != len(fragments):
        raise BadFragmentedMp4("sidx and fragments disagree about their number")
    return Layout(head, head[: index.start], sidx, fragments)


def codec_string(init: bytes) -> str:
    """The RFC 6381 codec of the first track: "avc1.4d401e", "av01.0.01M.08", "mp4a.40.2" or "opus".

    Raises:
        BadFragmentedMp4: no track, or a codec this pipeline doesn't make.
    """
    stsd = find(init, "moov", "trak", "mdia", "minf", "stbl", "stsd")
    if stsd is None:
        raise BadFragmentedMp4("no track")
    entry = next(children(init, stsd.start + stsd.header + 8, stsd.end), None)
    if entry is None:
        raise BadFragmentedMp4("no sample entry")
    if entry.kind == "avc1":
        # 78 bytes of visual sample entry precede the configuration (14496-12 §12.1.3, 14496-15 §5.3.3).
        record = find(init, "avcC", start=entry.start + entry.header + 78, end=entry.end)
        if record is None:
            raise BadFragmentedMp4("avc1 without avcC")
        return f"avc1.{init[record.start + record.header + 1 : record.start + record.header + 4].hex()}"
    if entry.kind == "av01":
        return _av1_codec(init, entry)
    if entry.kind == "Opus":
        return "opus"
    if entry.kind == "mp4a":
        return "mp4a.40.2"
    raise BadFragmentedMp4(f"unexpected codec {entry.kind}")


def _av1_codec(init: bytes, entry: Box) -> str:
    """Profile, level, tier and bit depth out of the `av1C` (AV1 in ISOBMFF 1.2 §2.3, §5)."""
    record = find(init, "av1C", start=entry.start + entry.header + 78, end=entry.end)
    if record is None or record.size < record.header + 4:
        raise BadFragmentedMp4("av01 without av1C")
    _marker, levels, flags = init[record.start + record.header : record.start + record.header + 3]
    depth = 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
    return f"av01.{levels >> 5}.{levels & 0x1F:02d}{'H' if flags & 0x80 else 'M'}.{depth:02d}"


def normalised(moof: bytes) -> bytes:
    """A copy of a `moof` with the numbers that only say *where* it lies set to zero (offline.md §2).

    Zeroed are `mfhd.sequence_number` and `tfdt.baseMediaDecodeTime`, so that the same pictures later in a film
    have the same hash.

    Raises:
        BadFragmentedMp4: one of the two boxes is missing.
    """
    content = bytearray(moof)
    mfhd, tfdt = find(moof, "moof", "mfhd"), find(moof, "moof", "traf", "tfdt")
    if mfhd is None or tfdt is None:
        raise BadFragmentedMp4("moof without mfhd or tfdt")
    for box in (mfhd, tfdt):
        payload = box.start + box.header + 4  # after version and flags
        content[payload : box.end] = bytes(box.end - payload)
    return bytes(content)


def decode_time(moof: bytes) -> int:
    """`tfdt.baseMediaDecodeTime`, in the track's timescale.

    Raises:
        BadFragmentedMp4: there is none.
    """
    tfdt = find(moof, "moof", "traf", "tfdt")
    if tfdt is None:
        raise BadFragmentedMp4("moof without tfdt")
    payload = tfdt.start + tfdt.header
    return struct.unpack_from(">Q" if moof[payload] == 1 else ">I", moof, payload + 4)[0]
