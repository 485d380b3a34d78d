"""Lines from outside: whatever the bytes, reading never raises and says what is wrong."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from education.records.statements import LONGEST_LINE, Reason, read_line
from tests.factories.people import statement

OWNER: Any = SimpleNamespace(member_id=UUID(int=7))
NAME = str(OWNER.member_id)
LESSON = uuid4()


def changed(**changes: Any) -> bytes:
    return statement(OWNER, LESSON, **changes)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"id":' + b"9" * 5_000 + b"}",
        changed(id="no-uuid"),
        changed(object={"id": "https://example.org/lesson"}),
        changed(object={"id": "urn:uuid:zzz"}),
        changed(actor=None),
        changed(context=[1]),
        changed(result={"extensions": {"urn:gyxf:watched": [[5, 1]]}}),
        changed(result={"extensions": {"urn:gyxf:watched": [[0, 1e308]]}}),
        changed(result={"extensions": {"urn:gyxf:watched": "all"}}),
        changed(verb="answered", result={"response": [1]}),
        changed(verb="answered", result={"response": {"q": 1}}),
    ],
)
def test_a_malformed_line_is_told_as_such(line: bytes) -> None:
    assert read_line(line, member_name=NAME, sequence=1).reason == Reason.MALFORMED


def test_not_a_number_is_no_second() -> None:
    line = changed(result={"extensions": {"urn:gyxf:watched": [[0, float("nan")]]}})
    assert b"NaN" in line
    assert read_line(line, member_name=NAME, sequence=1).reason == Reason.MALFORMED


def test_a_huge_line_is_not_parsed() -> None:
    assert read_line(b" " * (LONGEST_LINE + 1), member_name=NAME, sequence=1).reason == Reason.TOO_LONG


def test_another_members_name_is_told_and_its_id_is_not_kept() -> None:
    reading = read_line(changed(), member_name=str(uuid4()), sequence=1)
    assert (reading.reason, reading.statement_id) == (Reason.WRONG_ACTOR, None)


def test_a_line_at_another_place_than_it_says_is_told() -> None:
    assert read_line(changed(sequence=4), member_name=NAME, sequence=5).reason == Reason.WRONG_SEQUENCE


def test_an_unknown_verb_is_told() -> None:
    line = changed(verb={"id": "http://adlnet.gov/expapi/verbs/scored"})
    assert read_line(line, member_name=NAME, sequence=1).reason == Reason.UNKNOWN_VERB


@pytest.mark.parametrize("clock", ["", "yesterday", "2026-01-15T04:00:00", "9999-12-31T23:59:59-14:00", 12, None])
def test_no_record_is_refused_for_its_clock(clock: Any) -> None:
    reading = read_line(changed(timestamp=clock), member_name=NAME, sequence=1)
    assert reading.reason is None
    assert reading.clock.raw is None


def test_a_completed_lesson_is_read() -> None:
    reading = read_line(changed(), member_name=NAME, sequence=1)
    assert reading.reason is None
    assert reading.is_completion
    assert reading.material_id == LESSON
    assert reading.watched == ((0.0, 720.0),)


def test_a_completion_that_says_false_is_none() -> None:
    assert not read_line(changed(result={"completion": False}), member_name=NAME, sequence=1).is_completion


def test_answers_are_read_raw_as_object_or_as_text() -> None:
    for response in ({"q2": "b", "q1": "a"}, json.dumps({"q1": "a", "q2": "b"})):
        line = changed(verb="answered", result={"response": response})
        assert read_line(line, member_name=NAME, sequence=1).response == (("q1", "a"), ("q2", "b"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.sampled_from(["id", "actor", "verb", "object", "result", "timestamp", "context"]), json_values)
def test_any_value_in_any_field_is_read_without_an_exception(field: str, value: Any) -> None:
    content = json.loads(changed())
    content[field] = value
    read_line(json.dumps(content).encode(), member_name=NAME, sequence=1)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(line: bytes) -> None:
    assert read_line(line, member_name=NAME, sequence=1).reason is not None
