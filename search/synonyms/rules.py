"""What synonyms and stop terms do to a query. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from search.analysis import character_stream, units
from search.query import Part, Query, parse

MOST_WORDS = 12
"""Words of one line of the table."""
MOST_ALTERNATIVES = 6
"""Alternatives of one part: more would make the query slow and the hits vague."""
_BETWEEN = re.compile(r"[\s、，,；;/|]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Groups of words of one meaning and words without any, each as the analysed text has it."""

    groups: tuple[tuple[str, ...], ...] = ()
    stops: frozenset[str] = frozenset()


def words_of(line: str) -> tuple[str, ...]:
    """The words of a line of the table, in their order; what has no letter is left out."""
    return tuple(dict.fromkeys(each for each in _BETWEEN.split(line) if units(each)))


@lru_cache(maxsize=4_000)
def _key(word: str) -> str:
    return "".join(character_stream(units(word)))


def vocabulary(rows: Sequence[tuple[str, str]]) -> Vocabulary:
    """From the rows (kind, words) of the table."""
    lines = [(kind, tuple(dict.fromkeys(map(_key, words_of(words))))) for kind, words in rows]
    return Vocabulary(
        tuple(words for kind, words in lines if kind == "synonyms" and len(words) > 1),
        frozenset(word for kind, words in lines if kind == "stop" for word in words),
    )


def expand(query: Query, known: Vocabulary) -> Query:
    """The query without stop terms (unless it has nothing else) and with each part's alternatives."""
    parts = [part for each in query.parts if (part := _without_stops(each, known.stops))] or list(query.parts)
    return replace(query, parts=tuple(_with_alternatives(part, known.groups) for part in parts))


def _without_stops(part: Part, stops: frozenset[str]) -> Part | None:
    """The part without a stop term at its beginning or end, or nothing; a single character never remains."""
    text = bare = "".join(part.units)
    if text in stops:
        return None
    for stop in sorted(stops, key=len, reverse=True):
        if bare.startswith(stop) and len(bare) > len(stop) + 1:
            bare = bare[len(stop) :]
        if bare.endswith(stop) and len(bare) > len(stop) + 1:
            bare = bare[: -len(stop)]
    return part if bare == text else _parsed(bare) or part


def _parsed(text: str) -> Part | None:
    parts = parse(text).parts
    return parts[0] if len(parts) == 1 else None


def _with_alternatives(part: Part, groups: Sequence[Sequence[str]]) -> Part:
    text = "".join(part.units)
    others = dict.fromkeys(other for group in groups for other in _exchanged(text, group) if other != text)
    found = tuple(filter(None, map(_parsed, list(others)[:MOST_ALTERNATIVES])))
    return replace(part, alternatives=found) if found else part


def _exchanged(text: str, group: Sequence[str]) -> Iterator[str]:
    """The text with a word of the group in the place of another; a Latin word only as a whole."""
    for word in sorted(group, key=len, reverse=True):
        if word == text or (word in text and not word.isascii()):
            yield from (text.replace(word, other) for other in group if other != word)
            return
