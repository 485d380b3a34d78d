"""What one look at the pictures tells: frames, classes, slides."""

from __future__ import annotations

from fractions import Fraction

import pytest

from media_pipeline.classify import Content, classify
from media_pipeline.deck import mean_kbps, next_quality, pack, slide_times
from media_pipeline.errors import VerifyFailed
from media_pipeline.presets import ladder
from media_pipeline.scan import Scan, read_scan

RATE = Fraction(10)
DECK = ladder().deck


def scan(*moves: float) -> Scan:
    return Scan(RATE, [f"{number:032x}" for number in range(len(moves))], moves)


def slides(count: int, each: int = 300, noise: float = 0.0) -> Scan:
    moves = [noise] * (count * each)
    for number in range(1, count):
        moves[number * each] = 1.2
    hashes = [f"{number // each:032x}" for number in range(count * each)]
    return Scan(RATE, hashes, moves)


FRAME = f"0, 0, 0, 1, 9, {'ab' * 16}"


def test_frames_and_differences_are_read_as_ffmpeg_writes_them() -> None:
    lines = ["#format: frame checksums", f"0,          0,          0,        1,   614880, {'ab' * 16}"]
    lines.append(f"0,          1,          1,        1,   614880, {'cd' * 16}")
    found = read_scan(lines, lines, ["frame:0    pts:0", "lavfi.scd.mafd=0.000", "lavfi.scd.mafd=1.250"], RATE)
    assert (list(found.hashes), list(found.moves)) == (["ab" * 16, "cd" * 16], [0.0, 1.25])
    assert found.digest(0, 1) != found.digest(1, 2)


@pytest.mark.parametrize("moves", [[], ["lavfi.scd.mafd=0"] * 5])
def test_frames_without_their_differences_are_no_scan(moves: list[str]) -> None:
    with pytest.raises(VerifyFailed):
        read_scan([FRAME] if moves else [], [FRAME] if moves else [], moves, RATE)


def test_a_look_that_lacks_a_frame_is_no_scan() -> None:
    with pytest.raises(VerifyFailed):
        read_scan([FRAME, FRAME], [FRAME], ["lavfi.scd.mafd=0.000", "lavfi.scd.mafd=1.250"], RATE)


@pytest.mark.parametrize(
    ("moves", "content"),
    [
        ([0.0] * 95 + [1.0] * 5, Content.SLIDES),
        ([0.01] * 100, Content.SLIDES),
        ([0.0] * 60 + [0.4] * 40, Content.MIXED),
        ([0.3, 0.5] * 50, Content.TALKING),
    ],
)
def test_classes_follow_how_long_the_picture_stands_still(moves: list[float], content: Content) -> None:
    assert classify(scan(*moves)).content is content


def test_new_slides_are_found_and_counted_by_the_minute() -> None:
    found = classify(slides(4, noise=0.01))
    assert found.changes == (300, 600, 900)
    assert found.changes_a_minute == 1.5


def test_a_deck_shows_each_slide_from_its_first_frame_as_it_looks_later_on() -> None:
    deck = slides(3)
    times = slide_times(deck, classify(deck), DECK)
    assert [time.start for time in times] == [0, 300, 600]
    assert all(time.start < time.picture < time.start + 300 for time in times)


def test_a_slide_that_comes_back_unchanged_is_not_taken_twice_in_a_row() -> None:
    deck = slides(3)
    same = Scan(RATE, ["0" * 32] * deck.frames, deck.moves)
    assert len(slide_times(same, classify(same), DECK)) == 1


def test_what_moves_or_changes_all_the_time_is_no_deck() -> None:
    talking = scan(*[0.4] * 600)
    assert slide_times(talking, classify(talking), DECK) == []
    hectic = slides(20, each=25)
    assert slide_times(hectic, classify(hectic), DECK) == []


def test_a_packed_deck_says_where_each_picture_ends_and_when_it_is_shown() -> None:
    content, index = pack([b"one", b"three"], [0, 4000], width=1280, height=720)
    said = index.as_json()
    assert content == b"onethree"
    assert [row[:2] for row in said["slides"]] == [[3, 0], [5, 4000]]
    assert (said["v"], said["length"], said["mime"]) == (1, 8, "image/webp")
    assert mean_kbps(len(content), 8) == 0.008
    with pytest.raises(ValueError, match="one time"):
        pack([b"x"], [], width=1, height=1)


@pytest.mark.parametrize(
    ("tried", "kbps", "quality"),
    [(72, 9.5, 60), (72, 10.5, 48), (72, 30.0, 36), (48, 9.1, 36), (36, 9.1, None)],
    ids=["a little too much", "more", "far too much", "next", "the last one"],
)
def test_a_deck_that_is_too_large_is_coded_again_at_the_quality_that_may_fit(
    tried: int, kbps: float, quality: int | None
) -> None:
    assert next_quality((72, 60, 48, 36), tried, kbps, 9.0) == quality
