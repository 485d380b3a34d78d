"""Fragmented MP4 built byte by byte: what the reader accepts, refuses and hashes."""

import contextlib
import hashlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.fmp4 import BadFragmentedMp4, find, normalised, parse_sidx, top_level
from media_pipeline.segments import SegmentIndex, build_index, canonical


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, version: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">B3x", version), *parts)


def moov() -> bytes:
    record = box(b"avcC", bytes([1, 0x4D, 0x40, 0x15]))
    entry = box(b"avc1", bytes(78), record)
    stsd = full(b"stsd", 0, struct.pack(">I", 1), entry)
    return box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", stsd)))))


def fragment(number: int, time: int, payload: bytes) -> bytes:
    mfhd = full(b"mfhd", 0, struct.pack(">I", number))
    traf = box(b"traf", full(b"tfdt", 1, struct.pack(">Q", time)))
    return box(b"moof", mfhd, traf) + box(b"mdat", payload)


def sidx(rows: list[tuple[int, int]], *, sap: bool = True, offset: int = 0) -> bytes:
    entries = b"".join(struct.pack(">III", size, duration, 0x90000000 if sap else 0) for size, duration in rows)
    return full(b"sidx", 0, struct.pack(">IIIIHH", 1, 1000, 0, offset, 0, len(rows)), entries)


def film(payloads: list[bytes], **sidx_options: object) -> bytes:
    parts = [fragment(n + 1, 5000 * n, payload) for n, payload in enumerate(payloads)]
    index = sidx([(len(part), 5000) for part in parts], **sidx_options)  # type: ignore[arg-type]
    return box(b"ftyp", b"iso5") + moov() + index + b"".join(parts)


def index_of(content: bytes) -> SegmentIndex:
    return build_index(io.BytesIO(content), len(content), kind="video", object_sha256="ab" * 32)


def test_the_index_lists_contiguous_segments_that_make_up_the_file() -> None:
    content = film([b"one", b"twotwo", b"three"])
    index = index_of(content)
    assert index.init + sum(segment.length for segment in index.segments) == index.length == len(content)
    assert [segment.duration_ms for segment in index.segments] == [5000] * 3
    assert index.mime == 'video/mp4; codecs="avc1.4d4015"'
    assert index.init_sha256 == hashlib.sha256(content[: index.init]).hexdigest()


def test_the_same_pictures_have_the_same_hash_wherever_they_lie() -> None:
    first, _second, third = index_of(film([b"same", b"other", b"same"])).segments
    assert first.sha256 == third.sha256


def test_the_hash_is_over_the_segment_with_sequence_number_and_time_set_to_zero() -> None:
    expected = hashlib.sha256(fragment(0, 0, b"two")).hexdigest()
    assert index_of(film([b"one", b"two"])).segments[1].sha256 == expected


def test_a_flipped_bit_in_the_pictures_changes_the_hash() -> None:
    assert index_of(film([b"a"])).segments[0].sha256 != index_of(film([b"b"])).segments[0].sha256


def test_the_stored_form_is_canonical_json() -> None:
    stored = index_of(film([b"x"])).as_bytes()
    assert stored.startswith(b'{"init":')
    assert b" " not in stored.replace(b"video/mp4; codecs", b"")
    assert canonical({"b": 1, "a": "课"}) == '{"a":"课","b":1}'.encode()


@pytest.mark.parametrize(
    "content",
    [
        film([b"one"])[:-1],
        film([b"one"]) + box(b"mfra", b""),
        film([b"one"], sap=False),
        film([b"one"], offset=8),
        box(b"ftyp", b"iso5") + moov() + fragment(1, 0, b"one"),
        box(b"ftyp", b"iso5") + moov() + sidx([(5, 5000)]) + fragment(1, 0, b"one"),
        box(b"ftyp", b"iso5") + moov() + sidx([]),
        b"",
        b"not an mp4 at all, not even nearly",
    ],
)
def test_a_file_whose_layout_lies_is_refused(content: bytes) -> None:
    with pytest.raises(BadFragmentedMp4):
        index_of(content)


def test_a_fragment_without_time_can_not_be_normalised() -> None:
    with pytest.raises(BadFragmentedMp4):
        normalised(box(b"moof", full(b"mfhd", 0, struct.pack(">I", 1))))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_never_anything_else(content: bytes) -> None:
    for read in (lambda: list(top_level(io.BytesIO(content), len(content))), lambda: parse_sidx(content),
                 lambda: find(content, "moov", "trak")):  # fmt: skip
        with contextlib.suppress(BadFragmentedMp4):
            read()
