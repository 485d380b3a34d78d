"""The quality of each title, as tables."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from media_pipeline.classify import classify
from media_pipeline.presets import Search
from media_pipeline.scan import Scan
from media_pipeline.titles import Trial, choose, earns_its_place, inherited, read_vmaf, reel_windows

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


def test_a_film_of_a_few_seconds_is_not_tried() -> None:
    scan = Scan(Fraction(25), ["0" * 32] * 200, [0.0] * 200)
    assert reel_windows(scan, classify(scan)) == []


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"qualities": {"a": 30.0, "b": 40.0}}, {"a": 30.0, "b": 40.0}),
        ({"qualities": {"a": 30.0}, "dropped": {"b": "gain"}}, {"a": 30.0}),
        ({"qualities": {"a": 30.0}}, None),
        ({"rungs": ["a", "b"]}, None),
        ({}, None),
    ],
)
def test_an_earlier_plan_is_inherited_whole_or_not_at_all(stored: dict, found: dict | None) -> None:
    assert inherited(stored, ["a", "b"]) == found
