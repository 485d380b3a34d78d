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
        found: what it looks like, in a word for people; empty where nobody can tell.
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
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "ZIP / Office"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office 97"),
    (b"%PDF-", "PDF"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"#!/", "script"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"MThd", "MIDI"),
    (b"caff", "CAF"),
    (b".snd", "AU"),
    (b"DKIF", "IVF"),
    (b"YUV4MPEG2", "Y4M"),
    (b".RMF", "RealMedia"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", "MXF"),
    (b"\x00\x00\x00\x01\x67", "H.264"),
)
"""What people upload by mistake, told by name instead of "damaged"; containers that no camera or editor here writes."""
_RIFF_REFUSED = {b"WEBP": "WebP", b"RMID": "MIDI"}
_REDIRECTING: tuple[tuple[bytes, str], ...] = (
    (b"#EXTM3U", "m3u8"),
    (b"ffconcat", "concat"),
    (b"v=0", "SDP"),
    (b"[playlist]", "PLS"),
    (b"<smil", "SMIL"),
    (b"<asx", "ASX"),
    (b"[internetshortcut]", "URL"),
    (b"[reference]", "ASF reference"),
    (b"rtsptext", "RTSP"),
    (b"smiltext", "SMIL"),
)
_REDIRECTING_XML: tuple[tuple[bytes, str], ...] = (
    (b"<mpd", "DASH"),
    (b"<smoothstreamingmedia", "Smooth Streaming"),
    (b"application/x-quicktime-media-link", "QuickTime link"),
    (b"http://xspf.org/ns/", "XSPF"),
    (b"<smil", "SMIL"),
    (b"http://ns.adobe.com/f4m/", "HDS"),
)
"""Found anywhere in the head, since a declaration and comments may come first."""
_MAX_TEXT_LINES = 40
_ADDRESSES = (b"file '", b"file ", b"rtsp://", b"rtmp://", b"mms://", b"http://", b"https://")


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
    lowered = head.lower()
    for mark, name in _REDIRECTING_XML:
        if mark in lowered:
            return name
    lines = text.splitlines()[:_MAX_TEXT_LINES]
    if any(line.strip().lower().startswith(_ADDRESSES) for line in lines):
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
    return Sniffed(None, _refused(head))


def _refused(head: bytes) -> str:
    """The name of what is known and not taken, or an empty one."""
    if head[:4] == b"RIFF" and head[8:12] in _RIFF_REFUSED:
        return _RIFF_REFUSED[head[8:12]]
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF"
    if b"<svg" in head and b"<html" not in head.lower():
        return "SVG"
    return next((name for magic, name in _REFUSED if head.startswith(magic)), "")
