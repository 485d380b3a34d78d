"""Which demuxer a file gets, told by its first bytes; nothing that can point elsewhere is ever opened. Pure."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 4096
"""How much of a file `sniff` wants to see."""


@dataclass(frozen=True)
class Sniffed:
    """What the first bytes say.

    Attributes:
        demuxer: name of the one ffmpeg demuxer that may open the file; None where none may.
        found: what it looks like, in a word for people.
        redirects: it is a text that makes a player open other addresses (playlist, session description …).
    """

    demuxer: str | None
    found: str
    redirects: bool = False


_MOV_ATOMS = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
_MAGIC: tuple[tuple[bytes, int, str], ...] = (
    (b"\x1a\x45\xdf\xa3", 0, "matroska"),
    (b"fLaC", 0, "flac"),
    (b"OggS", 0, "ogg"),
    (b"FLV\x01", 0, "flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", 0, "asf"),
    (b"\x00\x00\x01\xba", 0, "mpeg"),
    (b"#!AMR", 0, "amr"),
    (b"ID3", 0, "mp3"),
)
_REDIRECTING: tuple[tuple[bytes, str], ...] = (
    (b"#EXTM3U", "m3u8"),
    (b"ffconcat", "concat"),
    (b"v=0", "SDP"),
    (b"[playlist]", "PLS"),
    (b"<smil", "SMIL"),
    (b"<asx", "ASX"),
)
_MAX_TEXT_LINES = 40


def _is_transport_stream(head: bytes) -> bool:
    """Sync bytes at the 188 (or 192) byte grid, four times at least."""
    return any(
        len(head) > offset + 3 * size and all(head[offset + step * size] == 0x47 for step in range(4))
        for size, offset in ((188, 0), (192, 4))
    )


def _is_mpeg_audio(head: bytes) -> str | None:
    """An MP3 or ADTS frame header at the very start."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return "aac"
    return "mp3" if layer in (1, 2) and head[2] >> 4 != 0xF else None


def _redirecting_text(head: bytes) -> str | None:
    """The name of the playlist or description a text is, if it is one."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name in _REDIRECTING:
        if text[: len(magic)].lower() == magic.lower():
            return name
    if b"<mpd" in head.lower():
        return "DASH"
    lines = text.splitlines()[:_MAX_TEXT_LINES]
    if any(
        line.strip().lower().startswith((b"file '", b"file ", b"rtsp://", b"http://", b"https://")) for line in lines
    ):
        return "concat"
    return None


def sniff(head: bytes) -> Sniffed:
    """Choose the demuxer by the file's first `HEAD_BYTES` bytes; its name and ending say nothing."""
    if head[4:8] in _MOV_ATOMS:
        return Sniffed("mov", "MP4")
    for magic, offset, demuxer in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return Sniffed(demuxer, demuxer)
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] in (b"AVI ", b"WAVE"):
        demuxer = "avi" if head[8:12] == b"AVI " else "wav"
        return Sniffed(demuxer, demuxer)
    if _is_transport_stream(head):
        return Sniffed("mpegts", "MPEG-TS")
    if audio := _is_mpeg_audio(head):
        return Sniffed(audio, audio)
    if text := _redirecting_text(head):
        return Sniffed(None, text, redirects=True)
    return Sniffed(None, "?")
