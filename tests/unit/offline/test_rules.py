"""Rules of packages (offline.packages.rules)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from offline.packages import rules
from offline.packages.manifest import Item, LessonManifest

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
JUST_NOW = NOW - timedelta(seconds=5)


def item(kind: str, profile: str, length: int, language: str | None = None, index: str | None = None) -> Item:
    return Item(
        kind, language, "", profile, "x/y", f"{profile}{language}".ljust(64, "0"), length, index, 7 if index else None
    )


def lesson(*items: Item) -> LessonManifest:
    return LessonManifest(UUID(int=1), "r", "题", "", 12, "lecture", "", items)


@pytest.mark.parametrize(
    ("queued", "heartbeat_at", "takes"),
    [
        (True, None, True),
        (True, JUST_NOW, True),
        (False, JUST_NOW, False),
        (False, LONG_AGO, True),
        (False, None, True),
    ],
)
def test_who_may_take_a_build(queued, heartbeat_at, takes):
    assert rules.may_take(queued=queued, heartbeat_at=heartbeat_at, now=NOW) is takes


@pytest.mark.parametrize(
    ("queued", "heartbeat_at", "created_at", "again"),
    [
        (True, None, JUST_NOW, False),
        (True, None, LONG_AGO, True),
        (True, JUST_NOW, LONG_AGO, False),
        (False, JUST_NOW, LONG_AGO, False),
        (False, LONG_AGO, LONG_AGO, True),
    ],
)
def test_which_builds_a_sweeper_hands_out_again(queued, heartbeat_at, created_at, again):
    assert rules.needs_dispatch(queued=queued, heartbeat_at=heartbeat_at, created_at=created_at, now=NOW) is again


def test_every_language_brings_one_sound_the_smallest_it_has():
    made = lesson(
        item("audio", "aac-24", 4, "zh-hans"), item("audio", "opus-16", 3, "zh-hans"), item("audio", "aac-24", 5, "adx")
    )
    assert [(i.language, i.profile) for i in rules.chosen_items(made, "sound")] == [
        ("zh-hans", "opus-16"),
        ("adx", "aac-24"),
    ]


def test_a_choice_falls_back_to_the_picture_there_is():
    only_small = lesson(item("video", "h264-240", 9))
    assert [i.profile for i in rules.chosen_items(only_small, "clear")] == ["h264-240"]
    assert rules.chosen_items(only_small, "sound") == []


def test_an_object_that_two_lessons_share_is_counted_once_and_indexes_are_counted():
    made = lesson(item("audio", "opus-16", 100, "zh-hans", index="i" * 64))
    assert rules.download_size([made, made], "sound") == 107


def test_a_third_of_the_time_for_cases_is_enough():
    assert rules.Composition(3, 90, 30, {}).has_enough_cases
    assert not rules.Composition(3, 91, 30, {}).has_enough_cases
    assert not rules.Composition(0, 0, 0, {}).has_enough_cases
    assert rules.Composition(0, 0, 0, {}).case_share == 0.0


def test_what_is_published_again_is_recalled_no_longer():
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    assert rules.recalled_materials([three, one, two, one], [two]) == (one, three)


@pytest.mark.parametrize(
    ("failures", "minutes_ago", "asks"),
    [(0, None, True), (1, 0.5, False), (1, 1, True), (2, 1, False), (2, 2, True), (6, 31, False), (6, 32, True),
     (7, 59, False), (7, 60, True), (500, 60, True), (3, -5, True)],
)  # fmt: skip
def test_a_failed_recall_is_asked_for_again_with_growing_patience(failures, minutes_ago, asks):
    last = None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago)
    assert rules.may_retry(failures, last, NOW) is asks


@pytest.mark.parametrize("clock_fell_back", [timedelta(0), timedelta(days=3650)])
@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_a_take_down_is_later_than_every_plan_before_it_and_no_later_than_any_after_it(microsecond, clock_fell_back):
    plan = rules.plan_moment(NOW.replace(microsecond=microsecond), None)
    now = plan - clock_fell_back
    taken_down = rules.recall_moment(now, [None, plan])
    assert not rules.is_valid(plan.replace(microsecond=0), taken_down)
    assert rules.is_valid(rules.plan_moment(now, taken_down).replace(microsecond=0), taken_down)
    assert rules.recall_moment(now, [taken_down]) > taken_down
