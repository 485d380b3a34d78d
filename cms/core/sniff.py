"""Tells by its first bytes whether a file can be a recording at all. Pure.

This refuses what is obviously wrong while a person still waits (a text file named .mp4); the pipeline's probe
decides later what the file really holds.
"""

from __future__ import annotations

HEAD_BYTES = 512
"""How many first bytes `container_of` wants to see."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "mp4"),
    (4, b"moov", "quicktime"),
    (4, b"mdat", "quicktime"),
    (4, b"wide", "quicktime"),
    (4, b"free", "quicktime"),
    (4, b"skip", "quicktime"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"ID3", "mp3"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x00\x00\x01\xba", "mpeg-ps"),
    (0, b"\x00\x00\x01\xb3", "mpeg"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "asf"),
    (0, b"#!AMR", "amr"),
    (0, b"caff", "caf"),
    (0, b".RMF", "realmedia"),
)


SOUND_ONLY = frozenset({"flac", "mp3", "amr", "caf", "wav", "aiff", "mpeg-audio"})
"""Containers that hold no picture but a cover."""


def container_of(head: bytes) -> str | None:
    """The kind of recording whose first bytes these are; None for anything that is none."""
    for offset, magic, name in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return name
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] in (b"AVI ", b"WAVE"):
        return "avi" if head[8:12] == b"AVI " else "wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if _is_transport_stream(head):
        return "mpeg-ts"
    return "mpeg-audio" if _is_mpeg_audio(head) else None


def _is_mpeg_audio(head: bytes) -> bool:
    """A frame header of MPEG audio layer II or III, or ADTS (ISO/IEC 11172-3 §2.4.1.3, 13818-7 §6.2).

    Layer I is left out: nobody has it, and its header looks like a UTF-16 byte order mark.
    """
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer != 3


def _is_transport_stream(head: bytes) -> bool:
    """Packets of 188 bytes (or of 192 with a time stamp, as camcorders write) that start with 0x47."""
    plain = len(head) > 188 and head[0] == 0x47 and head[188] == 0x47
    stamped = len(head) > 196 and head[4] == 0x47 and head[196] == 0x47
    return plain or stamped
