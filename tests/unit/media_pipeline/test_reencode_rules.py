"""Which videos a newer ladder is worth, when one may start, and what is served meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from media_pipeline.leases import JobView, Sweep, decide_sweep
from media_pipeline.reencode_rules import NEVER, PATIENCE, Want, decide_start, decide_want, is_waiting, makes_way
from media_pipeline.serving import GRACE, choose, kept_versions

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "version", "only_failed", "want"),
    [
        ("published", "old", False, Want.REQUEST),
        ("failed", "old", False, Want.REQUEST),
        ("cancelled", "old", False, Want.REQUEST),
        ("published", "new", False, Want.LEAVE),
        ("failed", "new", False, Want.LEAVE),
        ("encoding", "old", False, Want.LEAVE),
        ("received", "new", False, Want.LEAVE),
        ("failed", "old", True, Want.REQUEST),
        ("failed", "new", True, Want.RETRY),
        ("published", "old", True, Want.LEAVE),
        ("cancelled", "old", True, Want.LEAVE),
        ("encoding", "old", True, Want.LEAVE),
    ],
)
def test_what_a_newer_ladder_asks_of_a_video(state: str, version: str, only_failed: bool, want: Want) -> None:
    assert decide_want(state, version, current="new", only_failed=only_failed) is want


@pytest.mark.parametrize(
    ("waiting", "uploads", "at_work", "at_once", "started"),
    [
        ([], 0, 0, 1, []),
        ([4, 5, 6], 0, 0, 1, [4]),
        ([4, 5, 6], 0, 1, 1, []),
        ([4, 5, 6], 1, 0, 1, []),
        ([4, 5, 6], 0, 1, 3, [5 - 1, 5]),
        ([4, 5, 6], 0, 4, 3, []),
        (list(range(300)), 0, 0, 1, [0]),
        (list(range(300)), 2, 0, 8, []),
    ],
)
def test_re_encodes_start_one_at_a_time_and_after_every_upload(
    waiting: list[int], uploads: int, at_work: int, at_once: int, started: list[int]
) -> None:
    assert list(decide_start(waiting, uploads=uploads, at_work=at_work, at_once=at_once)) == started


def test_a_job_waits_only_while_its_dispatch_lies_beyond_any_date() -> None:
    assert is_waiting(NEVER)
    assert not is_waiting(NOW)
    assert not is_waiting(None)


@pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(days=4000)])
def test_the_sweeper_leaves_what_waits_for_its_turn(later: timedelta) -> None:
    view = JobView(False, None, NEVER, 0, False)
    assert decide_sweep(view, NOW + later, task_waiting=False) is Sweep.LEAVE
    assert decide_sweep(JobView(False, None, NEVER, 0, True), NOW, task_waiting=False) is Sweep.CANCEL


@dataclass(frozen=True)
class Rung:
    name: str
    preset_version: str


OLD = [Rung("opus-16", "1"), Rung("h264-240", "1"), Rung("h264-360", "1")]
NEW = [Rung("opus-16", "2"), Rung("h264-240", "2"), Rung("av1-360", "2")]


@pytest.mark.parametrize(
    ("rows", "published", "served"),
    [
        ([], None, []),
        ([], "1", []),
        (OLD[:1], None, OLD[:1]),
        (OLD, "1", OLD),
        (OLD + NEW[:1], "1", OLD),
        (OLD + NEW, "1", OLD),
        (OLD + NEW, "2", NEW),
        (OLD + NEW[:1], None, [NEW[0], *OLD[1:]]),
        (OLD, "2", OLD),
    ],
)
def test_the_complete_set_of_the_newest_published_job_is_served(
    rows: list[Rung], published: str | None, served: list[Rung]
) -> None:
    assert sorted(choose(rows, published), key=str) == sorted(served, key=str)


@pytest.mark.parametrize(
    ("published", "kept"),
    [
        ([], set()),
        ([("1", None)], {"1"}),
        ([("1", NOW), ("2", NOW)], {"1", "2"}),
        ([("1", NOW), ("2", NOW - GRACE + timedelta(seconds=1))], {"1", "2"}),
        ([("1", NOW), ("2", NOW - GRACE)], {"2"}),
        ([("1", NOW), ("2", None)], {"2"}),
        ([("1", NOW), ("2", NOW - GRACE), ("3", NOW)], {"2", "3"}),
    ],
)
def test_what_was_replaced_stays_for_a_while(published: list[tuple[str, datetime | None]], kept: set[str]) -> None:
    assert kept_versions(published, NOW) == kept


@pytest.mark.parametrize(
    ("is_reencode", "waits", "makes"),
    [
        (True, None, False),
        (True, timedelta(0), False),
        (True, PATIENCE, True),
        (True, timedelta(hours=1), True),
        (True, timedelta(seconds=-60), False),
        (False, timedelta(hours=1), False),
    ],
)
def test_only_a_reencode_makes_way_and_only_for_an_upload_that_no_idle_worker_takes(
    is_reencode: bool, waits: timedelta | None, makes: bool
) -> None:
    oldest = None if waits is None else NOW - waits
    assert makes_way(is_reencode=is_reencode, oldest_waiting=oldest, now=NOW) is makes
