"""What a container says about its own length, against what is there."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.completeness import is_cut, missing_bytes


def missing(content: bytes, demuxer: str) -> int:
    return missing_bytes(io.BytesIO(content), len(content), demuxer)


def box(kind: bytes, length: int) -> bytes:
    return struct.pack(">I", 8 + length) + kind + bytes(length)


MP4 = box(b"ftyp", 16) + box(b"moov", 100) + box(b"mdat", 5000)
LARGE = box(b"ftyp", 16) + struct.pack(">I4sQ", 1, b"mdat", 16 + 5000) + bytes(5000)
MATROSKA = b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67" + (5000 | 1 << 56).to_bytes(8) + bytes(5000)
RIFF = b"RIFF" + struct.pack("<I", 5004) + b"AVI " + bytes(5000)
OGG = b"OggS" + bytes(22) + bytes([20]) + bytes([255] * 20) + bytes(255 * 20)
ASF = (
    bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(14) + bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
    + bytes(24) + struct.pack("<Q", 5000) + bytes(40) + bytes(4)
)  # fmt: skip
WHOLE = {
    "mov": MP4, "matroska": MATROSKA, "avi": RIFF, "wav": RIFF.replace(b"AVI ", b"WAVE"), "ogg": OGG,
    "asf": ASF + bytes(5000 - len(ASF)),
}  # fmt: skip


@pytest.mark.parametrize("demuxer", list(WHOLE))
def test_a_whole_file_misses_nothing_and_a_cut_one_what_was_cut(demuxer: str) -> None:
    whole = WHOLE[demuxer]
    assert missing(whole, demuxer) == 0
    assert missing(whole[:-2000], demuxer) == 2000
    assert is_cut(2000, len(whole) - 2000)


def test_a_box_above_four_gigabytes_has_its_size_behind_its_kind() -> None:
    assert missing(LARGE, "mov") == 0
    assert missing(LARGE[:-2000], "mov") == 2000


@pytest.mark.parametrize("behind", [b"any old bytes behind the film", bytes(100), box(b"free", 100)[:-40]])
def test_what_lies_behind_the_last_box_is_nobody_s_business(behind: bytes) -> None:
    assert missing(MP4 + behind, "mov") == 0


@pytest.mark.parametrize(
    ("content", "demuxer"),
    [
        (b"RIFF\xff\xff\xff\xffAVI " + bytes(100), "avi"),
        (b"RIFF\x00\x00\x00\x00WAVE" + bytes(100), "wav"),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01" + b"\xff" * 7 + bytes(100), "matroska"),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff" + bytes(100), "matroska"),
        (ASF[:-4] + b"\x01" + bytes(105), "asf"),
        (b"G" * 188, "mpegts"),
        (b"\xff\xfb", "mp3"),
    ],
)
def test_a_file_that_was_recorded_live_or_to_be_cut_promises_nothing(content: bytes, demuxer: str) -> None:
    assert missing(content, demuxer) == 0


def test_a_header_that_miscounts_itself_is_no_cut() -> None:
    assert not is_cut(8, 100_000)
    assert not is_cut(44, 5_000_000)
    assert is_cut(1025, 5_000_000)
    assert is_cut(60, 1000)


@given(st.binary(max_size=300), st.sampled_from([*WHOLE, "flv"]))
def test_any_bytes_whatever_have_an_answer(content: bytes, demuxer: str) -> None:
    assert missing(WHOLE.get(demuxer, b"")[:20] + content, demuxer) >= 0
