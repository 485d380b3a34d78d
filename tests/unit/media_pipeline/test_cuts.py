"""Cuts follow the content: an edit moves only what is near it."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from media_pipeline.cuts import CutPolicy, find_cuts
from media_pipeline.scan import Scan

RATE = Fraction(25)


def lecture(seconds: int, seed: int, *, slide_every_s: int | None = 50) -> Scan:
    """Somebody moves a little in every frame; a slide changes now and then."""
    chance = random.Random(seed)
    frames = seconds * 25
    hashes = [f"{chance.getrandbits(128):032x}" for _frame in range(frames)]
    moves = [chance.random() * 0.2 for _frame in range(frames)]
    if slide_every_s:
        for frame in range(slide_every_s * 25, frames, slide_every_s * 25):
            moves[frame] = 1 + chance.random()
    return Scan(RATE, hashes, moves)


def still(seconds: int) -> Scan:
    """One picture all the time."""
    return Scan(RATE, ["0" * 32] * (seconds * 25), [0.0] * (seconds * 25))


def without(scan: Scan, start: int, end: int) -> Scan:
    return Scan(scan.rate, [*scan.hashes[:start], *scan.hashes[end:]], [*scan.moves[:start], *scan.moves[end:]])


def chunks(scan: Scan) -> list[str]:
    cuts = find_cuts(scan)
    return [scan.digest(start, end) for start, end in zip(cuts, [*cuts[1:], scan.frames], strict=True)]


def lengths_s(scan: Scan) -> list[float]:
    cuts = find_cuts(scan)
    return [(end - start) / 25 for start, end in zip(cuts, [*cuts[1:], scan.frames], strict=True)]


@pytest.mark.parametrize("slide_every_s", [None, 7, 50, 300])
@pytest.mark.parametrize("seed", range(4))
def test_chunks_last_between_twenty_and_sixty_seconds(seed: int, slide_every_s: int | None) -> None:
    lasting = lengths_s(lecture(1500, seed, slide_every_s=slide_every_s))
    assert min(lasting) >= 20
    assert max(lasting) <= 60


@pytest.mark.parametrize("seconds", [1, 19, 39])
def test_a_short_film_is_one_chunk(seconds: int) -> None:
    assert find_cuts(lecture(seconds, 1)) == [0]


def test_cuts_fall_on_new_slides_where_there_are_any() -> None:
    assert set(find_cuts(lecture(600, 3))) >= set(range(1250, 15000 - 500, 1250))


def test_a_picture_that_never_changes_is_cut_too_and_its_chunks_are_alike() -> None:
    scan = still(600)
    assert max(lengths_s(scan)) <= 60
    assert len(set(chunks(scan))) <= 2


@pytest.mark.parametrize("seed", range(8))
def test_seven_seconds_cut_out_change_the_chunks_that_held_them_and_one_neighbour(seed: int) -> None:
    whole = lecture(2700, seed)
    start = random.Random(seed).randrange(25 * 60, 25 * 2600)
    before, after = chunks(whole), chunks(without(whole, start, start + 183))
    assert len([chunk for chunk in after if chunk not in before]) <= 3


def test_the_same_frames_are_cut_in_the_same_way() -> None:
    assert find_cuts(lecture(900, 5)) == find_cuts(lecture(900, 5))


def test_other_limits_are_kept_too() -> None:
    scan = lecture(300, 2)
    cuts = find_cuts(scan, CutPolicy(least_s=4, most_s=8))
    lasting = [(end - start) / 25 for start, end in zip(cuts, [*cuts[1:], scan.frames], strict=True)]
    assert min(lasting) >= 4
    assert max(lasting) <= 8
