"""What a searcher typed, made safe and small before any engine sees it.

Pure. The limits are those of search.md §2: whatever comes in, at most 200 characters, 8 parts and 32 terms
are looked at; the rest is ignored, never an error.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import islice

from search.analysis import Unit, bigram_stream, character_stream, has_lone_character, units

MAX_CHARACTERS = 200
MAX_PARTS = 8
MAX_TERMS = 32
_SHOWN_AS = {"Cc": " ", "Zl": " ", "Zp": " ", "Zs": " ", "Cf": "", "Cs": ""}
"""Categories that are not shown: separators become a space, invisible marks and lone surrogates go."""


FUNCTION_CHARACTERS = frozenset(
    "的了是在和有不这中大为上个我以要他时来用们到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "一怎么样给最好啊吗呢吧哪谁什几请想被把与或及其"
)
"""Characters that mostly join and ask. A pair with one of them tells nothing of a subject: 在的, 怎么, 给母."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part between spaces, required as a phrase.

    `terms` is the phrase; it is looked for in the bigram stream, or in the character stream when
    `by_characters` (a single character has no bigram). `alternatives` are phrases that do as well: what the
    editors' table says means the same (`search.synonyms`); they have no alternatives of their own.
    """

    terms: tuple[str, ...]
    by_characters: bool
    units: tuple[str, ...]
    alternatives: tuple[Part, ...] = ()

    @property
    def phrases(self) -> tuple[Part, ...]:
        """The part itself and what does as well: one of them is required."""
        return (self, *self.alternatives)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. Without parts it finds nothing."""

    text: str
    parts: tuple[Part, ...]

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def bigrams(self) -> tuple[str, ...]:
        """Distinct terms of all bigram phrases, in their order: what the OR fallback looks for."""
        return tuple(dict.fromkeys(term for part in self.parts if not part.by_characters for term in part.terms))

    @property
    def characters(self) -> tuple[str, ...]:
        """Distinct units of all parts, in their order."""
        return tuple(dict.fromkeys(unit for part in self.parts for unit in part.units))

    @property
    def telling(self) -> tuple[str, ...]:
        """The terms that tell a subject: bigrams without function characters; where there are none, all of them."""
        telling = tuple(term for term in self.bigrams if not FUNCTION_CHARACTERS & set(term))
        return telling or self.bigrams or self.characters


def clean(text: str) -> str:
    """What of the input is shown again to the searcher: no control characters, at most 200 characters."""
    visible = "".join(_SHOWN_AS.get(unicodedata.category(c), c) for c in text[: 4 * MAX_CHARACTERS])
    return " ".join(visible.split())[:MAX_CHARACTERS].strip()


def _part(analysed: list[Unit], budget: int) -> Part:
    by_characters = has_lone_character(analysed)
    terms = character_stream(analysed) if by_characters else bigram_stream(analysed)
    return Part(tuple(terms[:budget]), by_characters, tuple(character_stream(analysed)[: budget + 1]))


def parse(text: str) -> Query:
    """Split at spaces, analyse each part, keep within the limits. A part without a letter is dropped."""
    cleaned = clean(text)
    parts: list[Part] = []
    budget = MAX_TERMS
    analysed_parts = (units(piece) for piece in cleaned.split())
    for analysed in islice(filter(None, analysed_parts), MAX_PARTS):
        if budget <= 0:
            break
        part = _part(analysed, budget)
        budget -= len(part.terms)
        parts.append(part)
    return Query(cleaned, tuple(parts))
