"""The samples of an MP4's tracks, fragmented or progressive (ISO/IEC 14496-12 §8.7, §8.8): sizes and bytes. Pure."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from media_pipeline.fmp4 import BadFragmentedMp4, Box, children, find, top_level

_MAX_TABLES = 64 << 20
"""Six hours of samples need less; a larger `moov` or `moof` is no product of this pipeline."""


@dataclass(frozen=True)
class Samples:
    """Sizes of a track's samples in order, and the SHA-256 of all their bytes."""

    sizes: tuple[int, ...]
    sha256: str


def fragmented_samples(file: BinaryIO, length: int) -> Samples:
    """The samples of a fragmented MP4 of one track.

    Raises:
        BadFragmentedMp4: boxes are missing or sizes don't add up.
    """
    sizes: list[int] = []
    digest = hashlib.sha256()
    pending = 0
    for box in top_level(file, length):
        if box.kind == "moof":
            told = _fragment_sizes(_content(file, box))
            sizes += told
            pending += sum(told)
        elif box.kind == "mdat":
            if pending != box.size - box.header:
                raise BadFragmentedMp4("fragment and samples disagree about sizes")
            _digest(file, box.start + box.header, pending, digest)
            pending = 0
    if pending:
        raise BadFragmentedMp4("samples without bytes")
    return Samples(tuple(sizes), digest.hexdigest())


def fragmented_packets(file: BinaryIO, length: int) -> Iterator[bytes]:
    """The bytes of each sample of a fragmented MP4 of one track, one after the other.

    Raises:
        BadFragmentedMp4: boxes are missing or sizes don't add up.
    """
    sizes: list[int] = []
    for box in top_level(file, length):
        if box.kind == "moof":
            sizes = _fragment_sizes(_content(file, box))
        elif box.kind == "mdat":
            content, at = _content(file, box), box.header
            if sum(sizes) != box.size - box.header:
                raise BadFragmentedMp4("fragment and samples disagree about sizes")
            for size in sizes:
                yield content[at : at + size]
                at += size


def progressive_samples(file: BinaryIO, length: int) -> list[Samples]:
    """The samples of each track of a progressive MP4, in the order of its tracks.

    Raises:
        BadFragmentedMp4: boxes are missing, or samples lie outside the file.
    """
    found = next((box for box in top_level(file, length) if box.kind == "moov"), None)
    if found is None:
        raise BadFragmentedMp4("no moov")
    moov = _content(file, found)
    return [
        _track(file, length, moov, track) for track in children(moov, found.header, len(moov)) if track.kind == "trak"
    ]


def _content(file: BinaryIO, box: Box) -> bytes:
    if box.size > _MAX_TABLES:
        raise BadFragmentedMp4(f"{box.kind} of {box.size} bytes")
    file.seek(box.start)
    return file.read(box.size)


def _digest(file: BinaryIO, start: int, length: int, digest: hashlib._Hash) -> None:
    file.seek(start)
    while length:
        piece = file.read(min(1 << 20, length))
        if not piece:
            raise BadFragmentedMp4("file cut off")
        digest.update(piece)
        length -= len(piece)


def _flags(content: bytes, box: Box) -> int:
    return struct.unpack_from(">I", content, box.start + box.header)[0] & 0xFFFFFF


def _fragment_sizes(moof: bytes) -> list[int]:
    try:
        traf = find(moof, "moof", "traf")
        header = find(moof, "moof", "traf", "tfhd")
        if traf is None or header is None:
            raise BadFragmentedMp4("moof without traf or tfhd")
        # Optional fields precede the default size: 8 bytes of base offset, 4 of description, 4 of duration.
        flags, at = _flags(moof, header), header.start + header.header + 8
        at += 8 * bool(flags & 1) + 4 * bool(flags & 2) + 4 * bool(flags & 8)
        default = struct.unpack_from(">I", moof, at)[0] if flags & 0x10 else None
        runs = [box for box in children(moof, traf.start + traf.header, traf.end) if box.kind == "trun"]
        return [size for run in runs for size in _run_sizes(moof, run, default)]
    except struct.error as error:
        raise BadFragmentedMp4("moof cut off") from error


def _run_sizes(moof: bytes, run: Box, default: int | None) -> list[int]:
    flags, at = _flags(moof, run), run.start + run.header + 4
    count = struct.unpack_from(">I", moof, at)[0]
    at += 4 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    fields = [bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800)]
    if at + 4 * sum(fields) * count > run.end or count > _MAX_TABLES:
        raise BadFragmentedMp4("trun cut off")
    if fields[1]:
        words = struct.unpack_from(f">{sum(fields) * count}I", moof, at)
        return list(words[int(fields[0]) :: sum(fields)])
    if default is None:
        raise BadFragmentedMp4("samples without a size")
    return [default] * count


def _track(file: BinaryIO, length: int, moov: bytes, track: Box) -> Samples:
    try:
        table = find(moov, "mdia", "minf", "stbl", start=track.start + track.header, end=track.end)
        if table is None:
            raise BadFragmentedMp4("track without samples")
        boxes = {box.kind: box for box in children(moov, table.start + table.header, table.end)}
        sizes = _sizes(moov, boxes["stsz"])
        digest, position = hashlib.sha256(), 0
        for start, count in _chunks(moov, boxes, len(sizes)):
            size = sum(sizes[position : position + count])
            if start + size > length:
                raise BadFragmentedMp4("samples outside the file")
            _digest(file, start, size, digest)
            position += count
    except (KeyError, struct.error) as error:
        raise BadFragmentedMp4("sample tables cut off") from error
    if position != len(sizes):
        raise BadFragmentedMp4("samples that no chunk holds")
    return Samples(sizes, digest.hexdigest())


def _sizes(moov: bytes, box: Box) -> tuple[int, ...]:
    same, count = struct.unpack_from(">II", moov, box.start + box.header + 4)
    if same:
        return (same,) * min(count, _MAX_TABLES)
    return struct.unpack_from(f">{count}I", moov, box.start + box.header + 12)


def _chunks(moov: bytes, boxes: dict[str, Box], samples: int) -> Iterator[tuple[int, int]]:
    """Where each chunk begins, and how many samples it holds."""
    wide = "co64" in boxes
    offsets = boxes["co64" if wide else "stco"]
    at = offsets.start + offsets.header + 4
    starts = struct.unpack_from(f">{struct.unpack_from('>I', moov, at)[0]}{'Q' if wide else 'I'}", moov, at + 4)
    at = boxes["stsc"].start + boxes["stsc"].header + 4
    words = struct.unpack_from(f">{3 * struct.unpack_from('>I', moov, at)[0]}I", moov, at + 4)
    rows = list(zip(words[::3], words[1::3], strict=True))
    current, left = 0, samples
    for number, start in enumerate(starts, 1):
        while rows and rows[0][0] <= number:
            current = rows.pop(0)[1]
        yield start, min(current, left)
        left -= min(current, left)
