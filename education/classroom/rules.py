"""Quiz rules: pure, no I/O. The server grades raw answers itself; what a device claims is never used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ANSWER_KEYS = ("a", "b", "c", "d")
LEAST_ANSWERS, MOST_ANSWERS = 2, 4


def answer_problems(answers: object, correct_key: str) -> list[str]:
    """Codes of everything wrong with a question's answers; empty when exactly one of 2–4 is correct.

    `education.classroom.errors.PROBLEM_WORDS` says each in words.
    """
    if not isinstance(answers, list) or not all(isinstance(answer, Mapping) for answer in answers):
        return ["not-a-list"]
    problems = []
    keys = [answer.get("key") for answer in answers]
    texts = [str(answer.get("text") or "").strip() for answer in answers]
    if not LEAST_ANSWERS <= len(answers) <= MOST_ANSWERS:
        problems.append("count")
    if len(set(map(str, keys))) != len(keys) or not set(keys) <= set(ANSWER_KEYS):
        problems.append("key")
    if not all(texts):
        problems.append("text")
    elif len(set(texts)) != len(texts):
        problems.append("same-text")
    if keys.count(correct_key) != 1:
        problems.append("correct")
    return problems


@dataclass(frozen=True, slots=True)
class Grade:
    """How raw answers compare with the key."""

    correct: int
    total: int
    right: tuple[str, ...]
    """Ids of the questions answered correctly."""

    @property
    def share(self) -> float:
        """0–1; 0 for a quiz without questions."""
        return self.correct / self.total if self.total else 0.0


def grade(answer_key: Mapping[str, str], response: Mapping[str, Any]) -> Grade:
    """Grade `response` {question id: chosen key} against `answer_key` {question id: correct key}.

    Questions that the quiz does not know are ignored, unanswered ones are wrong.
    """
    right = tuple(question for question, correct in answer_key.items() if response.get(question) == correct)
    return Grade(len(right), len(answer_key), right)


def edition_answered(editions: Sequence[Mapping[str, str]], response: Mapping[str, Any]) -> Mapping[str, str]:
    """The answer key that a response is judged by: of the editions, newest first, the newest that knows the most of
    the questions answered. A corrected key so reaches earlier answers, and a question dropped since still counts.
    """
    return max(editions, key=lambda keys: len(keys.keys() & response.keys()), default={})


def answer_key_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The key of a quiz document (`education.classroom.selectors.quiz_document`)."""
    questions: Sequence[Mapping[str, Any]] = document["questions"]
    return {question["id"]: question["correct"] for question in questions}
