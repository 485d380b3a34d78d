"""Quiz rules: one correct answer among two to four, graded by the server."""

from __future__ import annotations

from typing import Any

import pytest

from education.classroom.rules import answer_problems, grade


def answer(key: str, text: str = "") -> dict[str, str]:
    return {"key": key, "text": text or f"选项{key}", "pictogram": ""}


@pytest.mark.parametrize(
    ("answers", "correct", "expected"),
    [
        ([answer("a"), answer("b")], "a", []),
        ([answer(key) for key in "abcd"], "d", []),
        ("a", "a", ["not-a-list"]),
        ([1, 2], "a", ["not-a-list"]),
        ([answer("a")], "a", ["count"]),
        ([answer(key) for key in "abcde"], "a", ["count", "key"]),
        ([answer("a"), answer("a", "另一个")], "a", ["key", "correct"]),
        ([answer("a"), answer("b")], "c", ["correct"]),
        ([answer("a"), answer("b")], "", ["correct"]),
        ([answer("a"), {"key": "b"}], "a", ["text"]),
        ([answer("a", "水"), answer("b", "水")], "a", ["same-text"]),
        ([], "", ["count", "correct"]),
    ],
)
def test_problems_of_a_question(answers: Any, correct: str, expected: list[str]) -> None:
    assert answer_problems(answers, correct) == expected


def test_unknown_questions_are_ignored_and_missing_answers_are_wrong() -> None:
    result = grade({"q1": "a", "q2": "b", "q3": "c"}, {"q1": "a", "q3": "d", "elsewhere": "a"})
    assert (result.correct, result.total, result.right) == (1, 3, ("q1",))
    assert grade({}, {"q": "a"}).share == 0
