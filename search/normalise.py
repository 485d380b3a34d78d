"""One normaliser for every engine and for highlighting: what is folded here is equal to a searcher.

Pure: no Django, no I/O apart from reading OpenCC's table once. The steps, in order (search.md §1–2):

1. Lone surrogates, control and format characters go; U+202F (Mongolian narrow no-break space) becomes a
   space, the Mongolian variation selectors U+180B–U+180F go.
2. NFKC over each cluster of a base and its marks (full-width forms, ligatures, presentation forms).
3. Case folding.
4. Traditional to simplified, character by character with OpenCC's own table. The table is used without
   context on purpose: a word must fold the same way in a query of two characters and in a long text, or
   an exact keyword would be missed. One character always stays one character.

Tibetan affixes are a matter of syllables, see `search.analysis`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
_SPACES = frozenset("\t\n\v\f\r\x85\u202f\u2028\u2029")
_MONGOLIAN_SELECTORS = frozenset(chr(code) for code in range(0x180B, 0x1810))


@dataclass(frozen=True, slots=True)
class Folded:
    """Normalised text and, for each of its characters, where it came from.

    `starts[i]` and `ends[i]` delimit, in the original, the cluster that produced `text[i]`.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def _is_table_line(line: str) -> bool:
    return "\t" in line


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """OpenCC's TSCharacters table: traditional code point → its first simplified form."""
    table = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if _is_table_line(line))
    return {ord(old): new.split()[0] for old, new in pairs if len(old) == 1 and len(new.split()[0]) == 1}


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Spans of a base character with the combining marks that follow it."""
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or not unicodedata.combining(text[position]):
            yield start, position
            start = position


def _prepare(character: str) -> str:
    """Step 1 for one character: itself, a space or nothing."""
    if character in _SPACES:
        return " "
    if character in _MONGOLIAN_SELECTORS or unicodedata.category(character) in _DROPPED_CATEGORIES:
        return ""
    return character


@lru_cache(maxsize=20_000)
def _fold_cluster(cluster: str) -> str:
    kept = "".join(map(_prepare, cluster))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", kept).casefold())
    return folded.translate(_simplified())


def fold(text: str) -> Folded:
    """Normalise `text`, remembering where every character stood in the original."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text) if text else ():
        folded = _fold_cluster(text[start:end])
        characters.append(folded)
        starts.extend([start] * len(folded))
        ends.extend([end] * len(folded))
    return Folded("".join(characters), tuple(starts), tuple(ends))


def normalise(text: str) -> str:
    """The normalised text alone."""
    return fold(text).text
