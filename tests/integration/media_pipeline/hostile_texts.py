"""Texts that make a player open other addresses, all named like films, and what people upload by mistake."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from PIL import Image

M3U8 = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n{more}#EXTINF:5,\n{address}\n#EXT-X-ENDLIST\n"
_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video {port} RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\n"
)
_DASH = (
    '<?xml version="1.0"?>\n<!-- a lecture -->\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>{address}</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>"
)
_REDIRECTING = {
    "m3u8": M3U8.replace("{more}", ""),
    "m3u8 behind a byte order mark and empty lines": "\ufeff\r\n\r\n" + M3U8.replace("{more}", ""),
    "m3u8 with a key and an initialisation section elsewhere": M3U8.replace(
        "{more}", '#EXT-X-KEY:METHOD=AES-128,URI="{address}"\n#EXT-X-MAP:URI="file:///etc/passwd"\n'
    ),
    "m3u8 that nests another playlist": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000\n{address}/nested.m3u8\n",
    "m3u8 that names a local file": "#EXTM3U\n#EXTINF:5,\n/etc/passwd\n",
    "m3u8 that names a subtitle elsewhere": (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="s",URI="{address}"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="s"\n{address}\n'
    ),
    "ffconcat": "ffconcat version 1.0\nfile {address}\n",
    "concat": "# two parts\nfile '{address}'\nfile 'file:/etc/passwd'\n",
    "concat of protocols": "file 'concat:{address}|{address}'\n",
    "SDP": _SDP,
    "DASH": _DASH,
    "Smooth Streaming": '<SmoothStreamingMedia MajorVersion="2" Duration="10"><StreamIndex Url="{address}"/>',
    "QuickTime link": '<?quicktime type="application/x-quicktime-media-link"?><embed src="{address}"/>',
    "RTSP text": "RTSPtextrtsp://127.0.0.1:{port}/x\n",
    "PLS": "[playlist]\nFile1={address}\n",
    "ASX": '<ASX version="3.0"><Entry><Ref href="{address}"/></Entry></ASX>',
    "ASF reference": "[Reference]\nRef1={address}\n",
    "SMIL": '<smil><body><video src="{address}"/></body></smil>',
    "XSPF": '<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><location>{address}</location>',
    "Internet shortcut": "[InternetShortcut]\r\nURL={address}\r\n",
    "addresses in a list": "rtmp://127.0.0.1:{port}/live\n{address}\n",
}


def redirecting(port: int) -> dict[str, bytes]:
    """Each text by its name, pointing to a port of this machine."""
    address = f"http://127.0.0.1:{port}/x.ts"
    return {
        name: text.replace("{address}", address).replace("{port}", str(port)).encode()
        for name, text in _REDIRECTING.items()
    }


REDIRECTING_NAMES = tuple(_REDIRECTING)


def picture(kind: str) -> bytes:
    """A small picture file."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "#14507a").save(buffer, kind)
    return buffer.getvalue()


def archive() -> bytes:
    """A ZIP whose member expands a thousandfold."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("ppt/slides/slide1.xml", bytes(10_000_000))
    return buffer.getvalue()


MISTAKEN: dict[str, Callable[[], bytes]] = {
    "slides (ZIP)": archive,
    "document (OLE)": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "PDF": lambda: b"%PDF-1.7\n" + bytes(2000),
    "gzip": lambda: b"\x1f\x8b\x08\x00" + bytes(2000),
    "RAR": lambda: b"Rar!\x1a\x07\x01\x00" + bytes(2000),
    "program (EXE)": lambda: b"MZ\x90\x00" + bytes(2000),
    "program (ELF)": lambda: b"\x7fELF\x02\x01\x01" + bytes(2000),
    "script": lambda: b"#!/bin/sh\nexit 0\n",
    "JPEG": lambda: picture("JPEG"),
    "PNG": lambda: picture("PNG"),
    "GIF": lambda: picture("GIF"),
    "WebP": lambda: picture("WEBP"),
    "SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:9/x"/></svg>',
    "MXF": lambda: b"\x06\x0e\x2b\x34\x02\x05\x01\x01" + bytes(2000),
    "AIFF": lambda: b"FORM\x00\x00\x00\x00AIFF" + bytes(2000),
}
"""Known by their first bytes; refused by name, and never as "damaged"."""
