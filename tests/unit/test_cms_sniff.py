"""What a file's first bytes tell before anything else is done with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.core.errors import EmptyUpload, NoRoomForUpload, NotARecording, UploadTooLarge
from cms.core.sniff import container_of
from cms.core.uploads import RESERVE_BYTES, check_head, check_size


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x20ftypisom", "mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "mp4"),
        (b"\x00\x00\x10\x00moov", "quicktime"),
        (b"\x1aE\xdf\xa3\x01", "matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"ID3\x04\x00", "mp3"),
        (b"\xff\xfb\x90\x00", "mpeg-audio"),
        (b"\xff\xf1\x50\x80", "mpeg-audio"),
        (b"OggS\x00", "ogg"),
        (b"fLaC\x00", "flac"),
        (b"G" + b"\x00" * 187 + b"G" + b"\x00" * 20, "mpeg-ts"),
        (b"FLV\x01\x05", "flv"),
    ],
)
def test_recordings_are_known_by_their_first_bytes(head: bytes, kind: str) -> None:
    assert container_of(head) == kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"hello, this is a text",
        "这是一个文本文件".encode(),
        "这是一个文本文件".encode("utf-16"),
        b"<!doctype html><html>",
        b"#EXTM3U\n#EXT-X-VERSION:3",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"MZ\x90\x00",
        b"\x00" * 512,
        b"\xff\xfe\x00\x00",
        b"RIFF\x00\x00\x00\x00WEBP",
    ],
)
def test_other_files_are_refused_with_both_languages(head: bytes) -> None:
    with pytest.raises(NotARecording) as caught:
        check_head(head, name="讲座.mp4")
    assert "讲座.mp4" in caught.value.zh
    assert "讲座.mp4" in caught.value.en


@given(st.binary(max_size=600))
def test_no_bytes_make_it_fail(head: bytes) -> None:
    container_of(head)


def test_an_empty_a_huge_and_a_too_large_file_are_refused_before_a_byte_is_sent(settings) -> None:
    settings.MAX_UPLOAD_BYTES = 4 << 30
    with pytest.raises(EmptyUpload):
        check_size(0, free=1 << 40)
    with pytest.raises(UploadTooLarge):
        check_size((4 << 30) + 1, free=1 << 40)
    with pytest.raises(NoRoomForUpload) as caught:
        check_size(3 << 30, free=(3 << 30) + RESERVE_BYTES - 1)
    assert caught.value.http_status == 507
    check_size(3 << 30, free=(3 << 30) + RESERVE_BYTES)
