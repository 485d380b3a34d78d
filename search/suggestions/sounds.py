"""How Chinese is read aloud: syllables of a text in its context, and the characters that sound alike.

Pure, apart from reading pypinyin's tables once, and only in a process that needs them. Syllables have no tone; ü is
written v, as on a keyboard.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from search.analysis import Unit, units

MAX_STARTS = 24
"""Places in a title where a suggestion may begin."""
FULL_LETTERS = 30
INITIAL_LETTERS = 10
_MAX_READ = 200
"""Characters of a title that are read: titles are shorter."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a title from a place where typing may begin up to the next break, with the keys that type it."""

    text: str
    full: str
    initials: str
    is_whole: bool


@lru_cache(maxsize=2_000)
def syllables(text: str) -> tuple[str, ...]:
    """One toneless syllable a character, as the word around it is read (重庆: chong qing); empty for other letters."""
    from pypinyin import lazy_pinyin  # 20 MB of tables, which a process that only serves pages never needs

    # Its annotation forgets that `errors` may give a list, one item a character.
    read = lazy_pinyin(text, v_to_u=False, errors=lambda run: [""] * len(run))  # type: ignore[arg-type, return-value]
    return tuple(read) if len(read) == len(text) else ("",) * len(text)


def _spoken(unit: Unit, read: Sequence[str]) -> str:
    """A character's syllable, or a word in Latin letters or digits as it stands; empty for what has no pinyin."""
    if unit.ideographic:
        return read[unit.start]
    return unit.term if unit.term.isascii() else ""


def _runs(title: str) -> Iterator[list[tuple[Unit, str]]]:
    """The stretches of a title between its breaks, each unit with what is typed for it."""
    read = syllables(title)
    run: list[tuple[Unit, str]] = []
    for unit in units(title):
        spoken = _spoken(unit, read)
        if run and (unit.gap or not spoken):
            yield run
            run = []
        if spoken:
            run.append((unit, spoken))
    if run:
        yield run


@lru_cache(maxsize=2_000)
def phrases(title: str) -> tuple[Phrase, ...]:
    """What of a title can be completed by pinyin, from each of its first characters on."""
    title = title[:_MAX_READ]
    found = []
    for run in _runs(title):
        for start in range(len(run)):
            rest = run[start:]
            full = "".join(spoken for _unit, spoken in rest)[:FULL_LETTERS]
            initials = "".join(spoken[0] for _unit, spoken in rest)[:INITIAL_LETTERS]
            found.append(Phrase(title[rest[0][0].start : rest[-1][0].end], full, initials, start == 0))
    return tuple(found[:MAX_STARTS])


def keys(title: str) -> list[str]:
    """The terms under which a title is looked up."""
    return list(dict.fromkeys(key for each in phrases(title) for key in (each.full, each.initials)))


def _toneless(reading: str) -> str:
    """zhǎng → zhang, lǜ → lv."""
    plain = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())


def _is_common(character: str) -> bool:
    """Whether it is one of the 6,763 characters of GB 2312: the rest is hardly ever meant by mistake."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1)
def _readings() -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """Common character → its syllables; syllable → common characters."""
    from pypinyin import pinyin_dict

    of_character: dict[str, frozenset[str]] = {}
    of_syllable: dict[str, list[str]] = {}
    for code, read in pinyin_dict.pinyin_dict.items():
        character = chr(code)
        if not _is_common(character):
            continue
        sounds = frozenset(filter(None, map(_toneless, read.split(","))))
        of_character[character] = sounds
        for sound in sounds:
            of_syllable.setdefault(sound, []).append(character)
    return of_character, {sound: "".join(characters) for sound, characters in of_syllable.items()}


def common_characters() -> tuple[str, ...]:
    """Every character that may have been meant."""
    return tuple(_readings()[0])


def sounding_like(character: str, syllable: str = "") -> tuple[str, ...]:
    """The character and all common ones that can be read as it can (`syllable`: as it is read here)."""
    of_character, of_syllable = _readings()
    sounds = of_character.get(character, frozenset()) | ({syllable} if syllable else frozenset())
    alike = (other for sound in sorted(sounds) for other in of_syllable.get(sound, ""))
    return tuple(dict.fromkeys([character, *alike]))


_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("n", "l"), ("h", "f"))


def nearness(one: str, other: str) -> int:
    """How alike two characters sound: 2 the same, 1 as in an accent (zh/z, n/ng, n/l), 0 not at all."""
    of_character, _of_syllable = _readings()
    first, second = of_character.get(one, frozenset()), of_character.get(other, frozenset())
    if first & second:
        return 2
    return int(bool({_flat(sound) for sound in first} & {_flat(sound) for sound in second}))


def _flat(sound: str) -> str:
    for standard, plain in _NEAR:
        sound = sound.replace(standard, plain)
    return sound
