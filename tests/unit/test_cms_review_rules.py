"""三审三校 as a table of cases (domain.md §2)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.review.rules import (
    STAGES,
    Decision,
    Question,
    Refusal,
    StageDecision,
    first_open_stage,
    is_cleared,
    refusal,
)

AUTHOR, ANNA, BEMA, CERI, OUTSIDER = 1, 2, 3, 4, 9
REVISION, CONTENT = 10, "a" * 64


def passed(stage: int, person: int, *, revision: int = REVISION, content: str = CONTENT) -> StageDecision:
    return StageDecision(stage, person, Decision.APPROVED, revision, content)


def returned(stage: int, person: int) -> StageDecision:
    return StageDecision(stage, person, Decision.RETURNED, REVISION, CONTENT)


def question(person: int | None, stage: int, *history: StageDecision, **changes: object) -> Question:
    asked = Question(
        person=person,
        is_reviewer=person not in (OUTSIDER, None),
        stage=stage,
        decision=Decision.APPROVED,
        revision=REVISION,
        latest_revision=REVISION,
        content_sha256=CONTENT,
        authors=frozenset({AUTHOR}),
        history=history,
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


CASES = [
    ("nobody signed in", question(None, 1), Refusal.NOT_SIGNED_IN),
    ("not in the reviewers' group", question(OUTSIDER, 1), Refusal.NOT_A_REVIEWER),
    ("the author at stage 1", question(AUTHOR, 1), Refusal.AUTHOR),
    ("the author at stage 2", question(AUTHOR, 2, passed(1, ANNA)), Refusal.AUTHOR),
    ("the author at stage 3", question(AUTHOR, 3, passed(1, ANNA), passed(2, BEMA)), Refusal.AUTHOR),
    ("a first reviewer", question(ANNA, 1), None),
    ("a second reviewer", question(BEMA, 2, passed(1, ANNA)), None),
    ("a third reviewer", question(CERI, 3, passed(1, ANNA), passed(2, BEMA)), None),
    ("stage 2 by the first reviewer", question(ANNA, 2, passed(1, ANNA)), Refusal.HOLDS_ANOTHER_STAGE),
    (
        "stage 3 by the first reviewer",
        question(ANNA, 3, passed(1, ANNA), passed(2, BEMA)),
        Refusal.HOLDS_ANOTHER_STAGE,
    ),
    (
        "stage 3 by the second reviewer",
        question(BEMA, 3, passed(1, ANNA), passed(2, BEMA)),
        Refusal.HOLDS_ANOTHER_STAGE,
    ),
    ("stage 1 by one who returned it at stage 2", question(BEMA, 1, returned(2, BEMA)), Refusal.HOLDS_ANOTHER_STAGE),
    ("stage 2 again by one who returned it there", question(BEMA, 2, passed(1, ANNA), returned(2, BEMA)), None),
    ("stage 2 while stage 1 is open", question(BEMA, 2), Refusal.EARLIER_STAGE_OPEN),
    ("stage 3 while stage 2 is open", question(CERI, 3, passed(1, ANNA)), Refusal.EARLIER_STAGE_OPEN),
    (
        "stage 2 when stage 1 passed an older revision",
        question(BEMA, 2, passed(1, ANNA, revision=9)),
        Refusal.EARLIER_STAGE_OPEN,
    ),
    (
        "stage 2 when stage 1 passed other content of this revision",
        question(BEMA, 2, passed(1, ANNA, content="b" * 64)),
        Refusal.EARLIER_STAGE_OPEN,
    ),
    ("approving what is no longer the latest", question(ANNA, 1, latest_revision=11), Refusal.STALE_REVISION),
    ("returning what is no longer the latest", question(ANNA, 1, latest_revision=11, decision=Decision.RETURNED), None),
]


@pytest.mark.parametrize(("case", "asked", "expected"), CASES, ids=[case[0] for case in CASES])
def test_who_may_decide_what(case: str, asked: Question, expected: Refusal | None) -> None:
    assert refusal(asked) is expected


def cleared(*decisions: StageDecision) -> bool:
    return is_cleared(decisions, revision=REVISION, content_sha256=CONTENT, authors={AUTHOR})


def test_three_different_people_clear_a_revision() -> None:
    assert cleared(passed(1, ANNA), passed(2, BEMA), passed(3, CERI))


@pytest.mark.parametrize(
    "decisions",
    [
        (),
        (passed(1, ANNA), passed(2, BEMA)),
        (passed(1, ANNA), passed(2, ANNA), passed(3, CERI)),
        (passed(1, ANNA), passed(2, BEMA), passed(3, ANNA)),
        (passed(1, AUTHOR), passed(2, BEMA), passed(3, CERI)),
        (passed(1, ANNA), passed(2, BEMA), passed(3, CERI, revision=9)),
        (passed(1, ANNA), passed(2, BEMA, content="b" * 64), passed(3, CERI)),
        (passed(1, ANNA), passed(2, BEMA), returned(3, CERI)),
    ],
)
def test_anything_less_does_not_clear_it(decisions: tuple[StageDecision, ...]) -> None:
    assert not cleared(*decisions)


def test_an_edit_opens_the_first_stage_again() -> None:
    before = (passed(1, ANNA), passed(2, BEMA))
    assert first_open_stage(before, revision=REVISION, content_sha256=CONTENT) == 3
    assert first_open_stage(before, revision=REVISION + 1, content_sha256="c" * 64) == 1


people = st.integers(min_value=1, max_value=5)
histories = st.lists(st.builds(passed, st.sampled_from(STAGES), people), max_size=8)


@given(histories)
def test_nothing_is_cleared_without_three_people_who_are_no_authors(history: list[StageDecision]) -> None:
    if cleared(*history):
        assert len({decision.person for decision in history} - {AUTHOR}) >= 3


@given(people, st.sampled_from(STAGES), histories)
def test_whoever_is_allowed_holds_no_other_stage(person: int, stage: int, history: list[StageDecision]) -> None:
    if refusal(question(person, stage, *history)) is None:
        assert {past.stage for past in history if past.person == person} <= {stage}
