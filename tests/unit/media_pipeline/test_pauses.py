"""Sound is cut where it is quiet, at places that its content chooses."""

from __future__ import annotations

import random
import sys
from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from media_pipeline.pauses import FRAME, Hearing, PiecePolicy, find_pauses, listen

SECOND = 50
"""Frames."""


def speech(seconds: int, seed: int, *, room: int = 3) -> Hearing:
    """Sentences of two to six seconds, pauses of half a second in a quiet room."""
    chance = random.Random(seed)
    levels: list[int] = []
    while len(levels) < seconds * SECOND:
        levels += [chance.randrange(3000, 20000) for _frame in range(chance.randrange(2 * SECOND, 6 * SECOND))]
        levels += [chance.randrange(1, room) for _frame in range(SECOND // 2)]
    levels = levels[: seconds * SECOND]
    return Hearing(levels, [chance.randbytes(8) for _frame in levels])


def without(heard: Hearing, begin: int, end: int) -> Hearing:
    return Hearing([*heard.levels[:begin], *heard.levels[end:]], [*heard.hashes[:begin], *heard.hashes[end:]])


def pieces(heard: Hearing) -> list[bytes]:
    cuts = [*find_pauses(heard), heard.frames]
    return [b"".join(heard.hashes[begin:end]) for begin, end in pairwise(cuts)]


@pytest.mark.parametrize("seed", range(8))
def test_every_cut_lies_in_a_pause_and_no_piece_is_short_or_long(seed: int) -> None:
    heard = speech(600, seed)
    cuts = find_pauses(heard)
    assert cuts[0] == 0
    assert all(max(heard.levels[cut - 2 : cut + 2]) <= 3 for cut in cuts[1:])
    lengths = [end - begin for begin, end in pairwise([*cuts, heard.frames])]
    assert 15 * SECOND <= min(lengths) <= max(lengths) <= 45 * SECOND


@pytest.mark.parametrize("seed", range(8))
def test_seven_seconds_cut_out_of_an_hour_touch_three_pieces_at_most(seed: int) -> None:
    heard = speech(3600, seed)
    begin = random.Random(seed).randrange(100 * SECOND, 3500 * SECOND)
    known = set(pieces(heard))
    new = [piece for piece in pieces(without(heard, begin, begin + 7 * SECOND)) if piece not in known]
    assert len(new) <= 3


def test_without_a_pause_the_quietest_moment_is_taken() -> None:
    chance = random.Random(1)
    levels = [chance.randrange(9000, 16000) for _frame in range(60 * SECOND)]
    for frame in range(30 * SECOND, 30 * SECOND + 6):
        levels[frame] = 2000
    cuts = find_pauses(Hearing(levels, [chance.randbytes(8) for _frame in levels]))
    assert any(30 * SECOND <= cut <= 30 * SECOND + 6 for cut in cuts)


def test_silence_from_end_to_end_is_cut_evenly_and_gives_the_same_piece_again_and_again() -> None:
    nothing = Hearing([0] * (600 * SECOND), [bytes(8)] * (600 * SECOND))
    lengths = {end - begin for begin, end in pairwise([*find_pauses(nothing), nothing.frames])}
    assert len(lengths) <= 2
    assert max(lengths) <= 45 * SECOND


def test_a_short_recording_is_one_piece() -> None:
    assert find_pauses(speech(20, 1)) == [0]
    assert find_pauses(Hearing([5], [b"x"])) == [0]


def test_a_policy_tells_how_long_pieces_are() -> None:
    heard = speech(120, 2)
    lengths = [end - begin for begin, end in pairwise([*find_pauses(heard, PiecePolicy(4, 10)), heard.frames])]
    assert 4 * SECOND <= min(lengths) <= max(lengths) <= 10 * SECOND


def test_listening_tells_how_loud_each_frame_is_and_knows_the_same_samples_again(tmp_path: Path) -> None:
    samples = array("h", [0] * FRAME + [1000, -1000] * (FRAME // 2) + [0] * FRAME + [7] * 10)
    if sys.byteorder == "big":
        samples.byteswap()
    pcm = tmp_path / "s.pcm"
    pcm.write_bytes(samples.tobytes())
    heard = listen(pcm)
    assert heard.frames == 4
    assert heard.levels[0] == heard.levels[2] == heard.levels[3] == 0
    assert heard.hashes[0] == heard.hashes[2] != heard.hashes[1]


def test_samples_cut_off_in_the_middle_of_one_are_read_to_the_last_whole_one(tmp_path: Path) -> None:
    pcm = tmp_path / "s.pcm"
    pcm.write_bytes(bytes(2 * FRAME + 1))
    assert listen(pcm).frames == 1
