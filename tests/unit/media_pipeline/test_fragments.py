"""Sound files written packet by packet are read back as what they are."""

from __future__ import annotations

import io
import struct

import pytest

from media_pipeline.assembly import Part, join, read_layout
from media_pipeline.fmp4 import decode_time
from media_pipeline.fragments import Packet, sound_file
from media_pipeline.samples import fragmented_packets


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


HEADER = box(b"ftyp", b"iso6") + box(b"moov", box(b"trak", box(b"tkhd", bytes(12), struct.pack(">I", 1), bytes(68))))


def packets(count: int, *, short: int = 0) -> list[Packet]:
    long = [Packet(bytes([number % 251]) * (20 + number % 7), 2880) for number in range(count)]
    return [*long, *(Packet(b"s" * (number + 1), 960) for number in range(short))]


def written(content: bytes) -> tuple[list[int], list[int]]:
    """Durations and times of the fragments."""
    file = io.BytesIO(content)
    layout = read_layout(file, len(content))
    times = [decode_time(content[moof.start : moof.end]) for moof, _mdat in layout.fragments]
    return [entry.duration for entry in layout.sidx.entries], times


@pytest.mark.parametrize("short", [0, 1, 2])
def test_every_packet_comes_back_in_fragments_of_nearly_one_length(short: int) -> None:
    said = packets(400, short=short)
    content = sound_file(HEADER, said, 48_000, 5.0)
    durations, times = written(content)
    assert list(fragmented_packets(io.BytesIO(content), len(content))) == [packet.content for packet in said]
    assert sum(durations) == 400 * 2880 + short * 960
    assert times == [sum(durations[:number]) for number in range(len(durations))]
    assert len(durations) == 5
    assert max(durations) - min(durations) <= 2 * 2880


def test_a_single_packet_is_a_file_and_none_is_not() -> None:
    content = sound_file(HEADER, packets(0, short=1), 48_000, 5.0)
    assert written(content) == ([960], [0])
    with pytest.raises(ValueError, match="nothing"):
        sound_file(HEADER, [], 48_000, 5.0)


def test_runs_of_one_file_are_joined_in_any_order_and_more_than_once() -> None:
    content = sound_file(HEADER, packets(400), 48_000, 5.0)
    file, target = io.BytesIO(content), io.BytesIO()
    assert join([Part(file, len(content), first, 1) for first in (3, 0, 3)], target) == [1, 1, 1]
    durations, times = written(target.getvalue())
    assert times == [sum(durations[:number]) for number in range(3)]
    once = list(fragmented_packets(io.BytesIO(content), len(content)))
    joined = list(fragmented_packets(target, len(target.getvalue())))
    assert joined == once[240:320] + once[:80] + once[240:320]
