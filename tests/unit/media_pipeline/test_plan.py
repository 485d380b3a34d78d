"""Which rungs a source gets, and of what size and rate."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.plan import exceeds_source, fitted_size, needed_bytes, output_rate, plan, settled
from media_pipeline.presets import PRESET_VERSION, ladder
from tests.unit.media_pipeline.test_facts import facts, picture, sound


def names(*streams: dict) -> list[str]:
    return plan(facts(*streams), ladder()).names


def test_a_lecture_gets_the_whole_ladder_with_the_sound_in_front() -> None:
    assert names(picture(), sound()) == [
        "opus-16", "aac-24", "poster", "deck", "h264-240", "h264-360", "av1-360", "av1-480", "muxed-240",
        "sprite",
    ]  # fmt: skip


def test_a_recording_without_picture_gets_the_sound_alone() -> None:
    assert names(sound()) == ["opus-16", "aac-24"]


def test_sound_with_a_cover_gets_a_poster_too() -> None:
    assert names(picture(cover=True, packets=1), sound()) == ["opus-16", "aac-24", "poster"]


def test_a_silent_film_gets_no_sound() -> None:
    assert names(picture()) == ["poster", "deck", "h264-240", "h264-360", "av1-360", "av1-480", "muxed-240", "sprite"]


@pytest.mark.parametrize("height", [120, 240, 270])
def test_a_rung_that_would_show_no_more_than_the_one_below_is_dropped(height: int) -> None:
    assert "h264-360" not in names(picture(width=height * 16 // 9, height=height))


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (25, Fraction(25)), (30, Fraction(30)), (29.97, Fraction(30000, 1001)), (23.976, Fraction(24000, 1001)),
        (50, Fraction(25)), (60, Fraction(30)), (59.94, Fraction(30000, 1001)), (120, Fraction(30)), (12, Fraction(12)),
        (5, Fraction(5)), (17.3, Fraction(18)), (0.0, Fraction(25)), (90_000, Fraction(25)),
    ],
)  # fmt: skip
def test_frame_rates_are_kept_or_halved_and_never_above_the_cap(fps: float, rate: Fraction) -> None:
    assert output_rate(fps, 30) == rate


def test_all_rungs_share_one_grid_of_keyframes_every_ten_seconds() -> None:
    made = plan(facts(picture(fps=25.0), sound()), ladder())
    assert [(item.rate, item.gop) for item in made.video] == [(Fraction(25), 250)] * 4


@pytest.mark.parametrize(
    ("frames", "gop"), [(625, 313), (626, 209), (250, 250), (312, 312), (313, 157), (1, 1), (1500, 300), (750, 250)]
)
def test_keyframes_divide_a_chunk_evenly_and_lie_no_more_than_a_quarter_further_apart(frames: int, gop: int) -> None:
    made = plan(facts(picture(fps=25.0), sound()), ladder()).video[0]
    assert made.dividing(frames).gop == gop <= 250 * 1.25 + 1


@given(st.integers(2, 4096), st.integers(2, 4096), st.sampled_from([240, 360]))
def test_sizes_are_even_never_enlarged_beyond_rounding_and_bounded_in_area(width: int, height: int, side: int) -> None:
    w, h = fitted_size(width, height, side)
    assert w % 2 == h % 2 == 0
    assert w <= width + 1 and h <= height + 1
    assert w * h <= side * side * 16 / 9 * 1.2 or min(w, h) == 2


def test_portrait_and_landscape_get_the_same_shorter_side() -> None:
    assert fitted_size(1280, 720, 240) == (426, 240)
    assert fitted_size(720, 1280, 240) == (240, 426)


def test_a_rung_larger_than_the_source_is_dropped_unless_it_is_the_lowest() -> None:
    assert exceeds_source(encoded_bps=120_000, source_bps=80_000, is_lowest=False)
    assert not exceeds_source(encoded_bps=120_000, source_bps=80_000, is_lowest=True)
    assert not exceeds_source(encoded_bps=120_000, source_bps=0, is_lowest=False)


def test_the_space_asked_for_grows_with_the_length_and_covers_the_caps_twice() -> None:
    made = plan(facts(picture(), sound()), ladder())
    hour = needed_bytes(made, 3600)
    assert hour - needed_bytes(made, 0) >= 2 * 3600 * (90 + 200 + 130 + 260 + 16 + 24) * 125


def test_the_space_asked_for_has_room_for_the_reel_without_loss() -> None:
    seen, heard = (needed_bytes(plan(facts(*streams), ladder()), 600) for streams in ([picture(), sound()], [sound()]))
    caps = 2.6 * 600 * (90 + 200 + 130 + 260) * 125
    pixels = 426 * 240 + 640 * 360 + 854 * 480
    assert seen - heard - caps == pytest.approx(8 * 25 * pixels, rel=0.02)
    assert needed_bytes(plan(facts(sound()), ladder()), 0) == 64 << 20


def test_the_ladder_of_a_version_is_found_by_its_name_for_ever() -> None:
    assert ladder("2026.1").version == "2026.1"
    assert ladder(PRESET_VERSION).rung("muxed-240").kind == "muxed"
    with pytest.raises(KeyError):
        ladder("1999.1")


def test_a_newer_ladder_leaves_the_numbers_of_an_older_one_alone() -> None:
    older, newer = (ladder(version).rung("h264-360") for version in ("2026.2", "2026.4"))
    assert (older.speed, older.tuning, older.search.targets["talking"]) == ("medium", "", 88.0)
    assert (newer.speed, newer.search.targets["talking"]) == ("slow", 85.5)
    assert (older.max_kbps, older.height) == (newer.max_kbps, newer.height)


def test_a_film_that_moves_all_over_is_encoded_with_faster_encoders_and_every_other_thoroughly() -> None:
    made = plan(facts(picture(), sound()), ladder()).video
    speeds = {
        content: [item.speed for item in settled(made, {"h264-360": 30.0, "av1-360": 40.0}, content)]
        for content in ("talking", "mixed", "slides")
    }
    assert speeds == {"talking": ["medium", "7"], "mixed": ["slow", "6"], "slides": ["slow", "6"]}


def test_an_older_ladder_knows_one_speed_for_every_class() -> None:
    for item in plan(facts(picture(), sound()), ladder("2026.4")).video:
        assert item.of_class("talking") == item


def test_a_quality_is_coarsened_by_what_is_too_much_and_at_the_end_of_the_scale_no_further() -> None:
    made = plan(facts(picture(), sound()), ladder())
    (item,) = [each for each in made.video if each.rung.name == "av1-360"]
    assert item.coarser(1.01).crf == item.crf + 2
    assert item.coarser(2.0).crf == item.crf + 8
    assert item.coarser(1000.0).crf == 63
    assert item.at(63).coarser(1.5) is None
