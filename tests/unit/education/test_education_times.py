"""The true time of a record: never refused, always inside what is certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from education.records.times import Clock, bound_times

EARLIEST = datetime(2025, 10, 1, tzinfo=UTC)
LATEST = datetime(2026, 3, 1, tzinfo=UTC)
RIGHT = datetime(2026, 1, 15, 4, tzinfo=UTC)


def bound(*clocks: Clock) -> list[datetime]:
    return bound_times(clocks, earliest=EARLIEST, latest=LATEST)


def test_a_clock_inside_the_bounds_is_believed() -> None:
    assert bound(Clock(RIGHT)) == [RIGHT]


def test_a_clock_ten_years_behind_lies_at_the_first_day_of_the_account() -> None:
    assert bound(Clock(RIGHT - timedelta(days=3650))) == [EARLIEST]


def test_a_clock_ten_years_ahead_lies_at_the_receipt() -> None:
    assert bound(Clock(RIGHT + timedelta(days=3650))) == [LATEST]


def test_an_unreadable_clock_lies_at_the_receipt() -> None:
    assert bound(Clock(None)) == [LATEST]


def test_a_wrong_clock_is_measured_from_its_neighbour_in_the_chain() -> None:
    right, wrong = Clock(RIGHT, 1_000), Clock(RIGHT + timedelta(days=4000), 61_000)
    assert bound(right, wrong) == [RIGHT, RIGHT + timedelta(minutes=1)]


def test_a_wrong_clock_at_the_start_is_measured_back_from_the_next_right_one() -> None:
    wrong, right = Clock(datetime(1970, 1, 1, tzinfo=UTC), 1_000), Clock(RIGHT, 61_000)
    assert bound(wrong, right) == [RIGHT - timedelta(minutes=1), RIGHT]


def test_an_offset_that_runs_against_the_chain_is_not_believed() -> None:
    right, wrong = Clock(RIGHT, 90_000), Clock(None, 10)
    assert bound(right, wrong) == [RIGHT, RIGHT]


moments = st.none() | st.datetimes(timezones=st.just(UTC))
clocks = st.builds(Clock, moments, st.none() | st.integers(-(2**70), 2**70))


@given(st.lists(clocks, max_size=20))
def test_whatever_the_clocks_say_the_true_times_lie_between_the_bounds(some: list[Clock]) -> None:
    times = bound(*some)
    assert len(times) == len(some)
    tolerance = timedelta(minutes=10)
    assert all(EARLIEST - tolerance <= moment <= LATEST for moment in times)
