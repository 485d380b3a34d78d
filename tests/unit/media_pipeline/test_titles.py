"""The quality of each title, as tables."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from media_pipeline.classify import Classified, Content, classify
from media_pipeline.presets import Search
from media_pipeline.scan import Scan
from media_pipeline.titles import (
    Inherited,
    Trial,
    can_be_scored,
    choose,
    earns_its_place,
    explained,
    inherited,
    is_worth_trying,
    next_crf,
    read_vmaf,
    reel_windows,
)

SEARCH = Search(crfs=(24, 34), targets={"talking": 90.0}, p5_below=10.0)


def trials(*rows: tuple[float, float, float]) -> list[Trial]:
    return [Trial(crf, vmaf, p5, 100.0 - crf) for crf, vmaf, p5 in rows]


@pytest.mark.parametrize(
    ("rows", "crf"),
    [
        ([(24, 96, 94), (34, 86, 84)], 30),
        ([(24, 96, 94), (34, 92, 90)], 34),
        ([(24, 88, 86), (34, 80, 78)], 24),
        ([(24, 96, 94), (29, 91, 89), (34, 81, 79)], 29),
        ([(24, 96, 84), (34, 92, 74)], 28),
    ],
    ids=["between", "coarsest is good enough", "even the finest is not", "at a trial", "single frames decide"],
)
def test_the_coarsest_quality_that_reaches_the_target_is_taken(
    rows: list[tuple[float, float, float]], crf: float
) -> None:
    chosen = choose(trials(*rows), SEARCH, "talking")
    assert chosen.crf == crf
    assert [trial.crf for trial in chosen.trials] == [row[0] for row in rows]


def test_a_score_is_the_mean_and_the_fifth_percentile() -> None:
    log = json.dumps({"frames": [{"metrics": {"vmaf": score}} for score in range(101)]})
    assert read_vmaf(log) == (50.0, 5.0)


@pytest.mark.parametrize(("above", "below", "kept"), [(90, 80, True), (90, 84, True), (90, 85, False), (90, 95, False)])
def test_a_rung_has_to_look_better_than_the_one_below(above: float, below: float, kept: bool) -> None:
    assert earns_its_place(above_vmaf=above, below_vmaf=below, min_gain=6) is kept


def test_a_reel_takes_a_window_of_each_quarter_over_its_changes() -> None:
    moves = [0.01] * 6000
    moves[700] = moves[4000] = 2.0
    scan = Scan(Fraction(25), [f"{number:032x}" for number in range(6000)], moves)
    windows = reel_windows(scan, classify(scan))
    assert len(windows) == 4
    assert all(number * 1500 <= start < end <= (number + 1) * 1500 for number, (start, end) in enumerate(windows))
    assert windows[0][0] < 700 < windows[0][1]
    assert windows[2][0] < 4000 < windows[2][1]


def test_a_film_of_a_few_seconds_is_not_tried_and_scored_in_its_middle() -> None:
    scan = Scan(Fraction(25), ["0" * 32] * 200, [0.0] * 200)
    assert not is_worth_trying(8.0)
    assert reel_windows(scan, classify(scan)) == [(87, 112)]


@pytest.mark.parametrize(("size", "can"), [((426, 240), True), ((32, 32), True), ((2, 2), False), ((426, 16), False)])
def test_a_picture_of_a_few_pixels_is_not_scored(size: tuple[int, int], can: bool) -> None:
    assert can_be_scored(*size) is can


def test_of_a_film_of_three_frames_all_are_scored() -> None:
    scan = Scan(Fraction(25), ["0" * 32] * 3, [0.0] * 3)
    assert reel_windows(scan, classify(scan)) == [(0, 3)]


@pytest.mark.parametrize(
    ("vmaf_of", "asked"),
    [({29: 91, 34: 86}, [29, 34]), ({29: 88, 24: 93}, [29, 24]), ({29: 88, 24: 89}, [29, 24])],
    ids=["coarser when the middle is good", "finer when it is not", "and no more when nothing is"],
)
def test_two_trials_of_three_are_enough_as_the_first_tells_where_to_go_on(
    vmaf_of: dict[int, float], asked: list[int]
) -> None:
    search = Search(crfs=(24, 29, 34), targets={"talking": 90.0})
    known: list[Trial] = []
    while (crf := next_crf(known, search, "talking")) is not None:
        known.append(Trial(crf, vmaf_of[round(crf)], vmaf_of[round(crf)], 50.0))
    assert [trial.crf for trial in known] == asked


def test_what_is_told_of_a_choice_names_its_target() -> None:
    chosen = choose(trials((24, 96, 94), (34, 86, 84)), SEARCH, "talking")
    assert chosen.as_json()["target"] == 90.0


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"qualities": {"a": 30.0, "b": 40.0}, "class": "mixed"}, Inherited({"a": 30.0, "b": 40.0}, "mixed")),
        ({"qualities": {"a": 30.0}, "dropped": {"b": "gain"}}, Inherited({"a": 30.0}, "")),
        ({"qualities": {"a": 30.0}}, None),
        ({"rungs": ["a", "b"]}, None),
        ({}, None),
    ],
)
def test_an_earlier_plan_is_inherited_whole_or_not_at_all(stored: dict, found: Inherited | None) -> None:
    assert inherited(stored, ["a", "b"]) == found


LOOKED = Classified(Content.MIXED, still_share=0.88, changes=(), changes_a_minute=1.5)
OWN = {"class": "mixed", "why": {"still_share": 0.88, "changes_a_minute": 1.5}}
FORMER = {"still_share": 0.93, "changes_a_minute": 1.2}


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (None, OWN),
        (Inherited({}, ""), OWN),
        (Inherited({}, "mixed", FORMER), OWN),
        (Inherited({}, "slides", FORMER), {"class": "slides", "why": FORMER}),
        (Inherited({}, "slides"), {"class": "slides", "why": {}}),
    ],
)
def test_an_inherited_class_is_explained_by_the_numbers_it_was_told_by(known: Inherited | None, told: dict) -> None:
    assert explained(LOOKED, known) == told


def test_a_class_is_inherited_with_its_numbers() -> None:
    stored = {"qualities": {"a": 30.0}, "class": "slides", "why": FORMER}
    assert inherited(stored, ["a"]) == Inherited({"a": 30.0}, "slides", FORMER)
