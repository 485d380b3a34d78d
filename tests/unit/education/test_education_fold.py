"""The fold of study records: order and duplication never matter."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from education.records.fold import Fact, fold, gaps, union

LESSON, OTHER, QUIZ = "lesson", "other", "quiz"
KEYS = {QUIZ: [{"q1": "a", "q2": "b", "q3": "c"}]}

days = st.integers(0, 800).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
seconds = st.floats(0, 3000, allow_nan=False)
intervals = st.lists(st.tuples(seconds, seconds).map(lambda pair: (min(pair), max(pair))), max_size=4).map(tuple)
responses = st.dictionaries(
    st.sampled_from(["q1", "q2", "q3", "not-in-the-quiz"]), st.sampled_from("abcd"), max_size=4
).map(lambda chosen: tuple(sorted(chosen.items())))
facts = st.builds(
    Fact,
    verb=st.sampled_from(["completed", "answered", "initialized", "progressed"]),
    material=st.sampled_from([LESSON, OTHER, QUIZ]),
    on=days,
    is_completion=st.booleans(),
    watched=intervals,
    response=responses,
)


@given(st.lists(facts, max_size=12).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_any_order_gives_the_same_state(both: tuple[list[Fact], list[Fact]]) -> None:
    in_order, shuffled = both
    assert fold(in_order, KEYS) == fold(shuffled, KEYS)


@given(st.lists(facts, max_size=10), st.data())
def test_receiving_records_again_changes_nothing(some: list[Fact], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(some), max_size=10)) if some else []
    assert fold(some + again, KEYS) == fold(some, KEYS)


@given(st.lists(facts, max_size=8), facts)
def test_one_more_record_never_takes_anything_away(some: list[Fact], one_more: Fact) -> None:
    before, after = fold(some, KEYS), fold([*some, one_more], KEYS)
    for material, state in before.items():
        assert state.completed_years <= after[material].completed_years
        assert (state.best_correct or 0) <= (after[material].best_correct or 0)
        assert (
            sum(end - start for start, end in state.watched)
            <= sum(end - start for start, end in after[material].watched) + 1e-6
        )


@given(st.lists(st.tuples(seconds, seconds).map(lambda pair: (min(pair), max(pair))), max_size=12))
def test_a_union_is_disjoint_ascending_and_covers_exactly_what_was_watched(some: list[tuple[float, float]]) -> None:
    merged = union(some)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(merged))
    for second in {point for interval in some for point in interval}:
        inside = any(start <= second <= end for start, end in some if start < end)
        assert any(start <= second <= end for start, end in merged) == inside


def test_the_best_score_is_kept_and_answers_are_graded_here() -> None:
    first = Fact("answered", QUIZ, date(2026, 1, 1), response=(("q1", "a"), ("q2", "b"), ("q3", "d")))
    worse = Fact("answered", QUIZ, date(2026, 1, 2), response=(("q1", "d"),))
    state = fold([first, worse], KEYS)[QUIZ]
    assert (state.best_correct, state.questions, state.attempts) == (2, 3, 2)


def test_a_lesson_completed_twice_in_a_year_counts_from_its_first_day() -> None:
    twice = [
        Fact("completed", LESSON, date(2026, 3, 9), is_completion=True),
        Fact("completed", LESSON, date(2026, 2, 1), is_completion=True),
        Fact("completed", LESSON, date(2027, 1, 1), is_completion=True),
    ]
    state = fold(twice)[LESSON]
    assert state.completed_years == {2026, 2027}
    assert state.first_completed_on == ((2026, date(2026, 2, 1)), (2027, date(2027, 1, 1)))


def test_starting_a_lesson_does_not_complete_it() -> None:
    assert not fold([Fact("initialized", LESSON, date(2026, 1, 1), watched=((0, 700),))])[LESSON].is_completed


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], (0, [])),
        ([1, 2, 3], (3, [])),
        ([1, 2, 5, 6, 9], (2, [(3, 4), (7, 8)])),
        ([4], (0, [(1, 3)])),
        ([2, 1, 2, 1], (2, [])),
    ],
)
def test_every_interior_gap_of_a_chain_is_known(held: list[int], expected: tuple[int, list[tuple[int, int]]]) -> None:
    assert gaps(held) == expected
