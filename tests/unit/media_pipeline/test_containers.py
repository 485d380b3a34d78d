"""The demuxer is chosen by the first bytes, and nothing that points elsewhere gets one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.containers import HEAD_BYTES, sniff


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1/x.ts\n", "m3u8"),
        (b"\xef\xbb\xbf\n#EXTM3U\n", "m3u8"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "concat"),
        (b"file '/etc/passwd'\n", "concat"),
        (b"# a comment\nfile 'https://example.org/a.mp4'\n", "concat"),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\n", "SDP"),
        (b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">', "DASH"),
        (b"[playlist]\nFile1=http://example.org\n", "PLS"),
        (b"<ASX version='3'>", "ASX"),
        (b"[InternetShortcut]\r\nURL=http://example.org/\r\n", "URL"),
        (b'<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2">', "Smooth Streaming"),
        (b"rtmp://example.org/live\n", "concat"),
    ],
)
def test_a_text_that_points_elsewhere_is_refused_whatever_its_name(head: bytes, found: str) -> None:
    sniffed = sniff(head)
    assert (sniffed.demuxer, sniffed.found, sniffed.redirects) == (None, found, True)


@pytest.mark.parametrize("head", [b"", b"hello", b"<!DOCTYPE html><html>", b"\x00" * 64, b"\xff", b"PK\x03\x04"])
def test_what_is_no_media_gets_no_demuxer_and_is_no_playlist_either(head: bytes) -> None:
    sniffed = sniff(head)
    assert sniffed.demuxer is None
    assert not sniffed.redirects


@pytest.mark.parametrize(
    ("head", "demuxer"),
    [
        (b"\x00\x00\x00\x20ftypisom", "mov"),
        (b"\x00\x00\x00\x08wide", "mov"),
        (b"\x1a\x45\xdf\xa3\x01", "matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"OggS\x00", "ogg"),
        (b"fLaC\x00", "flac"),
        (b"ID3\x03\x00", "mp3"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"FLV\x01\x05", "flv"),
        ((b"G" + b"\x00" * 187) * 4, "mpegts"),
        (b"\x00\x00\x01\xba\x44", "mpeg"),
    ],
)
def test_ordinary_media_files_get_the_one_demuxer_that_may_open_them(head: bytes, demuxer: str) -> None:
    assert sniff(head).demuxer == demuxer


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"PK\x03\x04\x14\x00", "ZIP / Office"),
        (b"%PDF-1.7", "PDF"),
        (b"MZ\x90\x00", "EXE"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP"),
        (b"FORM\x00\x00\x00\x00AIFF", "AIFF"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b"hello", ""),
        (b"<!DOCTYPE html><html><body><svg></svg></body></html>", ""),
    ],
)
def test_what_is_known_and_not_taken_has_a_name(head: bytes, found: str) -> None:
    sniffed = sniff(head)
    assert (sniffed.demuxer, sniffed.found, sniffed.redirects) == (None, found, False)


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_whatever_have_an_answer(head: bytes) -> None:
    sniffed = sniff(head)
    assert not (sniffed.demuxer and sniffed.redirects)
