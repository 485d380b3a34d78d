"""What was perhaps meant by words that stand nowhere: words that sound the same, or differ in one character.

Only what the searcher may find is offered: each correction is looked up with his tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.analysis import is_ideographic
from search.backends import fts
from search.backends.stores import Store
from search.query import Part, Query
from search.suggestions import side_index, sounds
from search.suggestions.complete import complete

MAX_CHARACTERS = 8
"""A longer part is a sentence: its words are looked for one by one anyway."""
LIMIT = 3
_PATHS = 60
"""Corrections of one word that are looked up in full."""
_ENOUGH = 50
"""Documents beyond which one word is as common as another."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    rank: tuple[int, int, int, int]


def did_you_mean(store: Store, query: Query, tokens: Sequence[str]) -> list[str]:
    """At most three whole queries that find something, best first; none where every part is known."""
    choices: list[list[str]] = []
    for part in query.parts:
        if _is_known(store, part, tokens):
            choices.append(["".join(part.units) if _is_chinese(part) else " ".join(part.units)])
        elif found := _corrections(store, part, tokens):
            choices.append(found)
        else:
            return []
    if not choices or all(len(each) == 1 and each[0] == query.text for each in choices):
        return []
    first = [each[0] for each in choices]
    varied = next((place for place, each in enumerate(choices) if len(each) > 1), 0)
    queries = [" ".join([*first[:varied], other, *first[varied + 1 :]]) for other in choices[varied]]
    return [each for each in dict.fromkeys(queries) if each != query.text][:LIMIT]


def _is_chinese(part: Part) -> bool:
    return all(is_ideographic(unit) for unit in part.units)


def _is_known(store: Store, part: Part, tokens: Sequence[str]) -> bool:
    match = f"({fts.phrase(part, fts.BIGRAM_COLUMNS, fts.CHARACTER_COLUMNS)}) AND {fts.access(tokens)}"
    rows = store.execute("SELECT 1 FROM search_fts_document WHERE search_fts_document MATCH ? LIMIT 1", [match])
    return bool(rows)


def _corrections(store: Store, part: Part, tokens: Sequence[str]) -> list[str]:
    characters = part.units
    if not _is_chinese(part):
        return complete(store, "".join(characters), LIMIT) if "".join(characters).isascii() else []
    if not 2 <= len(characters) <= MAX_CHARACTERS:
        return []
    alike = _judged(store, characters, _homophones(store, characters), tokens)
    if not alike and len(characters) > 2:
        alike = _judged(store, characters, _one_changed(store, characters), tokens)
    return [each.text for each in alike[:LIMIT]]


def _judged(
    store: Store, typed: Sequence[str], candidates: Sequence[Sequence[str]], tokens: Sequence[str]
) -> list[_Candidate]:
    """Those that are to be found, best first: sounding alike, in titles, in more documents, with less changed."""
    judged = []
    for each in candidates:
        anywhere = side_index.count(store, each, tokens, columns=fts.BIGRAM_COLUMNS, limit=_ENOUGH)
        if anywhere:
            titles = side_index.count(store, each, tokens, columns="title_b", limit=_ENOUGH)
            changed = [(one, other) for one, other in zip(typed, each, strict=True) if one != other]
            sound = sum(sounds.nearness(one, other) for one, other in changed) - 2 * len(changed)
            judged.append(_Candidate("".join(each), (sound, min(titles, 1), titles * 4 + anywhere, -len(changed))))
    return sorted(judged, key=lambda each: each.rank, reverse=True)


def _homophones(store: Store, characters: Sequence[str]) -> list[tuple[str, ...]]:
    """Words that sound the same and whose pairs of characters all stand somewhere, with little changed first."""
    read = sounds.syllables("".join(characters))
    alike = [sounds.sounding_like(one, sound) for one, sound in zip(characters, read, strict=True)]
    paths: list[tuple[str, ...]] = [(each,) for each in alike[0]]
    for place in range(1, len(characters)):
        ends = dict.fromkeys(path[-1] for path in paths)
        known = side_index.known_pairs(store, [one + other for one in ends for other in alike[place]])
        grown = ((*path, each) for path in paths for each in alike[place] if path[-1] + each in known)
        paths = sorted(grown, key=lambda path: _changes(path, characters))[: 4 * _PATHS]
    return [path for path in paths if path != tuple(characters)][:_PATHS]


def _changes(path: Sequence[str], characters: Sequence[str]) -> int:
    return sum(one != other for one, other in zip(path, characters, strict=False))


def _one_changed(store: Store, characters: Sequence[str]) -> list[tuple[str, ...]]:
    """Words with another character in one place, whose pairs there stand somewhere; what sounds alike comes first."""
    found = [(place, each) for place in range(len(characters)) for each in _others(store, characters, place)]
    found.sort(key=lambda each: -sounds.nearness(characters[each[0]], each[1]))
    return [(*characters[:place], other, *characters[place + 1 :]) for place, other in found[: 4 * _PATHS]]


def _others(store: Store, characters: Sequence[str], place: int) -> Iterator[str]:
    """Characters that go with both neighbours of a place; the pairs elsewhere in the word must be known as well."""
    rest = [characters[n] + characters[n + 1] for n in range(len(characters) - 1) if place not in (n, n + 1)]
    if len(side_index.known_pairs(store, rest)) < len(set(rest)):
        return
    possible: Sequence[str] = sounds.common_characters()
    for neighbour, is_before in ((place - 1, True), (place + 1, False)):
        if 0 <= neighbour < len(characters):
            pairs = {(characters[neighbour] + x if is_before else x + characters[neighbour]): x for x in possible}
            known = side_index.known_pairs(store, list(pairs))
            possible = [x for pair, x in pairs.items() if pair in known]
    yield from (x for x in possible if x != characters[place])
