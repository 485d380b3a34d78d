"""From normalised text to terms: characters and bigrams for Chinese, words for everything else.

Pure. Characters + bigrams is within .001 of the best plugin mix on 11,238 questions, and a phrase of
bigrams finds every keyword of two characters or more, and nothing else (search.md §1).

A *unit* is the smallest searchable piece: one Chinese character, or one word of another script, or one
Tibetan syllable without its affix. The character stream of a text is its units; the bigram stream joins
neighbouring Chinese characters two by two and keeps every other unit whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from search.normalise import Folded, fold

# CJK radicals, kana, bopomofo, Hangul, the unified ideographs with all extensions. Written as ranges because
# Python 3.11's tables do not know the newest extensions that GB 18030-2022 requires.
_IDEOGRAPHIC = re.compile(
    "[\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3040-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00016fe0-\U00018dff\U00020000-\U0003ffff]"
)
# Case particles that Tibetan writes onto a syllable with འ: genitive འི, its ergative འིས, and འོ འང འམ; a bare
# final འ goes as well, because the particle replaces it (དགའ + འི → དགའི).
_TIBETAN_AFFIX = re.compile("(?<=[\u0f40-\u0fbc])\u0f60(?:\u0f72\u0f66?|\u0f7c|\u0f44|\u0f58)?$")
_TIBETAN_LETTER = re.compile("[\u0f40-\u0fbc]")
MAX_WORD_LENGTH = 64
"""Characters of one word that are compared; a longer "word" is noise and is cut."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit with its place in the original text; `gap` tells that it does not follow on the one before."""

    term: str
    start: int
    end: int
    ideographic: bool
    gap: bool


def is_ideographic(character: str) -> bool:
    """Whether a character is searched by characters and bigrams instead of by words."""
    return _IDEOGRAPHIC.match(character) is not None


def _is_word_part(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM" or unicodedata.category(character) == "Co"


def strip_tibetan_affix(syllable: str) -> str:
    """པོའི → པོ; other scripts are returned unchanged."""
    return _TIBETAN_AFFIX.sub("", syllable) if _TIBETAN_LETTER.match(syllable) else syllable


def _word(folded: Folded, start: int, end: int, gap: bool) -> Unit:
    term = strip_tibetan_affix(folded.text[start:end])[:MAX_WORD_LENGTH]
    return Unit(term, folded.starts[start], folded.ends[end - 1], False, gap)


def _units(folded: Folded) -> Iterator[Unit]:
    word_start: int | None = None
    gap = True
    for position, character in enumerate(folded.text):
        ideographic = is_ideographic(character)
        if not ideographic and _is_word_part(character):
            word_start = position if word_start is None else word_start
            continue
        if word_start is not None:
            yield _word(folded, word_start, position, gap)
            word_start, gap = None, False
        if ideographic:
            yield Unit(character, folded.starts[position], folded.ends[position], True, gap)
        gap = not ideographic
    if word_start is not None:
        yield _word(folded, word_start, len(folded.text), gap)


def units(text: str) -> list[Unit]:
    """The units of a text in their order, with places in the text as it was given."""
    return list(_units(fold(text)))


def character_stream(analysed: Sequence[Unit]) -> list[str]:
    """The terms of the character stream."""
    return [unit.term for unit in analysed]


def _runs(analysed: Sequence[Unit]) -> Iterator[tuple[bool, list[str]]]:
    """Neighbouring Chinese characters together, every other unit alone: (ideographic, terms)."""
    number = 0
    keys: list[int] = []
    for position, unit in enumerate(analysed):
        joined = position > 0 and unit.ideographic and analysed[position - 1].ideographic and not unit.gap
        number += 0 if joined else 1
        keys.append(number)
    for _key, group in groupby(zip(keys, analysed, strict=True), key=lambda pair: pair[0]):
        members = [unit for _number, unit in group]
        yield members[0].ideographic, [unit.term for unit in members]


def bigram_stream(analysed: Sequence[Unit]) -> list[str]:
    """The terms of the bigram stream: 乡村振兴 → 乡村 村振 振兴; a lone character stays as it is."""
    terms: list[str] = []
    for ideographic, run in _runs(analysed):
        if ideographic and len(run) > 1:
            terms.extend(first + second for first, second in pairwise(run))
        else:
            terms.extend(run)
    return terms


def has_lone_character(analysed: Sequence[Unit]) -> bool:
    """Whether a run is a single Chinese character, which no bigram of a longer text can match."""
    return any(ideographic and len(run) == 1 for ideographic, run in _runs(analysed))
