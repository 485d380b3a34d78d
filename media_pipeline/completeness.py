"""How many bytes of a file are missing by what its own container says; a cut file often plays well enough. Pure.

Matroska: RFC 9559 §5.1; MP4: ISO/IEC 14496-12 §4.2; RIFF and ASF: their header's file size; Ogg: RFC 3533 §6.
Transport and program streams, ADTS, MP3 and AMR are meant to be cut anywhere and tell nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

_MAX_BOXES = 100_000
_UNKNOWN_32 = 0xFFFFFFFF
_OGG_PAGE = 65_307
"""Longest Ogg page in bytes."""
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_HEAD = 64 << 10
_MATROSKA_SEGMENT = b"\x18\x53\x80\x67"
FORGIVEN_BYTES = 1024
FORGIVEN_SHARE = 0.02
"""Writers of headers miscount by a header or a padding byte; what is less than both is no cut."""


def missing_bytes(reader: BinaryIO, length: int, demuxer: str) -> int:
    """Bytes that the container of a file of `length` bytes promises beyond its end; 0 where it promises nothing."""
    find = _ENDS.get(demuxer)
    return max(0, find(reader, length) - length) if find else 0


def is_cut(missing: int, length: int) -> bool:
    """Whether so many missing bytes are more than a miscounted header."""
    return missing > min(FORGIVEN_BYTES, FORGIVEN_SHARE * length)


def _at(reader: BinaryIO, position: int, size: int) -> bytes:
    reader.seek(position)
    return reader.read(size)


def _mov(reader: BinaryIO, length: int) -> int:
    """Where the last top-level box ends; what follows it and is no box is passed over."""
    position = 0
    for _number in range(_MAX_BOXES):
        head = _at(reader, position, 16)
        if len(head) < 8 or not all(32 <= byte < 127 for byte in head[4:8]):
            break
        size = int.from_bytes(head[:4])
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:16])
        if size < 8:
            break
        if position + size > length and head[4:8] not in (b"mdat", b"moof", b"moov"):
            break
        position += size
        if position >= length:
            break
    return position


def _riff(reader: BinaryIO, _length: int) -> int:
    size = int.from_bytes(_at(reader, 4, 4), "little")
    return 0 if size == _UNKNOWN_32 else size + 8


def _matroska(reader: BinaryIO, _length: int) -> int:
    """Where the segment ends; one of unknown size was recorded live."""
    head = _at(reader, 0, 4096)
    at = head.find(_MATROSKA_SEGMENT)
    if at < 0 or at + 5 > len(head) or head[at + 4] == 0:
        return 0
    width = 9 - head[at + 4].bit_length()
    field = head[at + 4 : at + 4 + width]
    size = int.from_bytes(field) & ((1 << 7 * width) - 1)
    return 0 if size == (1 << 7 * width) - 1 else at + 4 + width + size


def _ogg(reader: BinaryIO, length: int) -> int:
    """Where the last page that begins in the file ends."""
    start = max(0, length - _OGG_PAGE - 1)
    tail = _at(reader, start, length - start)
    at = tail.rfind(b"OggS")
    if at < 0:
        return 0
    if at + 27 > len(tail) or at + 27 + tail[at + 26] > len(tail):
        return length + FORGIVEN_BYTES + 1
    return start + at + 27 + tail[at + 26] + sum(tail[at + 27 : at + 27 + tail[at + 26]])


def _asf(reader: BinaryIO, _length: int) -> int:
    """The file size of the file properties, which a broadcast leaves open."""
    head = _at(reader, 0, _ASF_HEAD)
    at = head.find(_ASF_FILE_PROPERTIES)
    if at < 0 or at + 92 > len(head) or head[at + 88] & 1:
        return 0
    return int.from_bytes(head[at + 40 : at + 48], "little")


_ENDS: dict[str, Callable[[BinaryIO, int], int]] = {
    "mov": _mov,
    "avi": _riff,
    "wav": _riff,
    "matroska": _matroska,
    "ogg": _ogg,
    "asf": _asf,
}
