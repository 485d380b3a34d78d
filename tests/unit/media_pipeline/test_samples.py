"""Samples of an MP4's tracks: the same whichever way the file is laid out, and never read past its end."""

import contextlib
import hashlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.fmp4 import BadFragmentedMp4
from media_pipeline.samples import Samples, fragmented_samples, progressive_samples
from tests.unit.media_pipeline.test_segments import box, full

PIECES = [b"one", b"twotwo", b"three"]
WHOLE = Samples((3, 6, 5), hashlib.sha256(b"".join(PIECES)).hexdigest())


def trun(sizes: list[int]) -> bytes:
    """Sizes and durations of each sample, and a data offset."""
    rows = b"".join(struct.pack(">II", 512, size) for size in sizes)
    return box(b"trun", struct.pack(">III", 0x301, len(sizes), 0), rows)


def fragmented(fragments: list[list[bytes]]) -> bytes:
    content = box(b"ftyp", b"iso5")
    for samples in fragments:
        traf = box(b"traf", full(b"tfhd", 0, struct.pack(">I", 1)), trun([len(sample) for sample in samples]))
        content += box(b"moof", traf) + box(b"mdat", b"".join(samples))
    return content


def even(samples: list[bytes]) -> bytes:
    """A fragment whose samples all have the size its header names."""
    tfhd = box(b"tfhd", struct.pack(">III", 0x10, 1, len(samples[0])))
    traf = box(b"traf", tfhd, box(b"trun", struct.pack(">II", 0, len(samples))))
    return box(b"moof", traf) + box(b"mdat", b"".join(samples))


def progressive(chunks: list[list[bytes]], *, shift: int = 0) -> bytes:
    """One track, its bytes in front and its tables behind; `shift` moves what the tables say."""
    samples = [sample for chunk in chunks for sample in chunk]
    head = box(b"ftyp", b"iso5")
    starts, position = [], len(head) + 8
    for chunk in chunks:
        starts.append(position + shift)
        position += sum(map(len, chunk))
    rows = [struct.pack(">III", number, len(chunk), 1) for number, chunk in enumerate(chunks, 1)]
    stbl = box(
        b"stbl",
        full(b"stsz", 0, struct.pack(">II", 0, len(samples)), *(struct.pack(">I", len(s)) for s in samples)),
        full(b"stsc", 0, struct.pack(">I", len(rows)), *rows),
        full(b"stco", 0, struct.pack(">I", len(starts)), *(struct.pack(">I", start) for start in starts)),
    )
    return head + box(b"mdat", b"".join(samples)) + box(b"moov", box(b"trak", box(b"mdia", box(b"minf", stbl))))


def of_fragments(content: bytes) -> Samples:
    return fragmented_samples(io.BytesIO(content), len(content))


def of_tracks(content: bytes) -> list[Samples]:
    return progressive_samples(io.BytesIO(content), len(content))


def test_the_same_samples_are_the_same_however_they_are_laid_out() -> None:
    assert of_fragments(fragmented([PIECES[:1], PIECES[1:]])) == WHOLE
    assert of_fragments(fragmented([PIECES])) == WHOLE
    assert of_tracks(progressive([PIECES[:2], PIECES[2:]])) == [WHOLE]


def test_samples_of_one_size_are_read_from_the_fragment_s_header() -> None:
    assert of_fragments(box(b"ftyp", b"iso5") + even([b"ab", b"cd"])).sizes == (2, 2)


@pytest.mark.parametrize("changed", [[b"onE", b"twotwo", b"three"], [b"onet", b"wotwo", b"three"], PIECES[:2]])
def test_other_bytes_other_borders_and_missing_samples_are_noticed(changed: list[bytes]) -> None:
    assert of_tracks(progressive([changed])) != [WHOLE]


def test_what_does_not_add_up_is_refused() -> None:
    whole = fragmented([PIECES])
    for content in (whole.replace(struct.pack(">I", 6), struct.pack(">I", 7)), whole[:-1], whole + even([b"a"])[:-9]):
        with pytest.raises(BadFragmentedMp4):
            of_fragments(content)
    for content in (progressive([PIECES], shift=1 << 20), box(b"moov", box(b"trak")), box(b"ftyp", b"iso5")):
        with pytest.raises(BadFragmentedMp4):
            of_tracks(content)


@given(st.binary(max_size=200))
def test_any_tables_are_read_or_refused_and_never_anything_else(content: bytes) -> None:
    for read in (of_fragments, of_tracks):
        for kind in (b"moof", b"moov"):
            with contextlib.suppress(BadFragmentedMp4):
                read(box(kind, content))
