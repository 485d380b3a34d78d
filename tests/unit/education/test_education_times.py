"""The true time of a record: never refused, always inside what is certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from education.records.times import Clock, Link, bound_times

EARLIEST = datetime(2025, 10, 1, tzinfo=UTC)
LATEST = datetime(2026, 3, 1, tzinfo=UTC)
RIGHT = datetime(2026, 1, 15, 4, tzinfo=UTC)
NEVER_SET = datetime(1970, 1, 1, tzinfo=UTC)


def bound(*clocks: Clock) -> list[datetime]:
    return bound_times([Link(clock, EARLIEST, LATEST) for clock in clocks])


def test_a_clock_inside_the_bounds_is_believed() -> None:
    assert bound(Clock(RIGHT)) == [RIGHT]


def test_a_lone_wrong_clock_lies_at_the_receipt() -> None:
    for wrong in (RIGHT - timedelta(days=3650), RIGHT + timedelta(days=3650), NEVER_SET, None):
        assert bound(Clock(wrong)) == [LATEST]


def test_a_clock_that_was_set_wrong_still_runs() -> None:
    chain = [Clock(NEVER_SET + timedelta(days=days)) for days in (0, 3, 10)]
    assert bound(*chain) == [LATEST - timedelta(days=10), LATEST - timedelta(days=7), LATEST]


def test_the_offsets_say_more_than_a_wrong_clock() -> None:
    hour = 3_600_000
    assert bound(Clock(NEVER_SET, 0), Clock(None, 5 * hour)) == [LATEST - timedelta(hours=5), LATEST]


def test_a_wrong_clock_never_leads_out_of_the_bounds() -> None:
    chain = [Clock(NEVER_SET), Clock(NEVER_SET + timedelta(days=4000))]
    assert bound(*chain) == [EARLIEST, LATEST]


def test_a_record_is_no_earlier_than_what_came_before_it_in_the_chain() -> None:
    published = RIGHT - timedelta(days=1)
    chain = [Link(Clock(NEVER_SET), published, LATEST), Link(Clock(NEVER_SET), EARLIEST, LATEST)]
    chain.append(Link(Clock(NEVER_SET + timedelta(days=4000)), EARLIEST, LATEST))
    assert bound_times(chain) == [published, published, LATEST]


def test_a_record_is_no_later_than_the_receipt_of_what_came_after_it() -> None:
    earlier = LATEST - timedelta(days=30)
    chain = [Link(Clock(None), EARLIEST, LATEST), Link(Clock(None), EARLIEST, earlier)]
    assert bound_times(chain) == [earlier, earlier]


def test_a_wrong_clock_is_measured_from_its_neighbour_in_the_chain() -> None:
    right, wrong = Clock(RIGHT, 1_000), Clock(RIGHT + timedelta(days=4000), 61_000)
    assert bound(right, wrong) == [RIGHT, RIGHT + timedelta(minutes=1)]


def test_a_wrong_clock_at_the_start_is_measured_back_from_the_next_right_one() -> None:
    assert bound(Clock(NEVER_SET, 1_000), Clock(RIGHT, 61_000)) == [RIGHT - timedelta(minutes=1), RIGHT]


def test_an_offset_that_runs_against_the_chain_is_not_believed() -> None:
    assert bound(Clock(RIGHT, 90_000), Clock(None, 10)) == [RIGHT, RIGHT]


moments = st.none() | st.datetimes(timezones=st.just(UTC))
clocks = st.builds(Clock, moments, st.none() | st.integers(-(2**70), 2**70))


@given(st.lists(clocks, max_size=20))
def test_whatever_the_clocks_say_the_true_times_lie_between_the_bounds(some: list[Clock]) -> None:
    times = bound(*some)
    assert len(times) == len(some)
    tolerance = timedelta(minutes=10)
    assert all(EARLIEST - tolerance <= moment <= LATEST for moment in times)
