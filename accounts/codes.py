"""One-time codes that a person can type from paper: pure.

A code is 16 characters of Crockford's base 32 in four groups, e.g. `7K3M-P9QX-2B4T-WZ8R`: 15 random ones
(75 bits) and a check character, so that a slip of the finger is told from a code that does not exist.
Reading is lenient: case, spaces, hyphens and full-width forms do not matter; O is 0, I and L are 1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LONGEST_INPUT = 64


class UnreadableCode(ValueError):
    """What was typed cannot be a code: wrong length, a character that no code has, or a wrong check character."""


def generate(random_below: Callable[[int], int]) -> str:
    """A new code in its canonical form (16 characters, no hyphens). `random_below(n)` draws from 0 … n−1."""
    body = "".join(ALPHABET[random_below(len(ALPHABET))] for _ in range(LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Luhn's check over base 32: finds every single wrong character and nearly every swap of two neighbours."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ALPHABET.index(character)
        if place % 2 == 0:
            high, low = divmod(value * 2, len(ALPHABET))
            value = high + low
        total += value
    return ALPHABET[-total % len(ALPHABET)]


def parse(typed: str) -> str:
    """The canonical form of what a person typed; raises `UnreadableCode`."""
    if len(typed) > _LONGEST_INPUT:
        raise UnreadableCode
    plain = unicodedata.normalize("NFKC", typed).upper().translate(_LOOKALIKES)
    code = "".join(character for character in plain if character not in "-‐‑‒–—−_·. \t\r\n")
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        raise UnreadableCode
    if check_character(code[:-1]) != code[-1]:
        raise UnreadableCode
    return code


def printed(code: str) -> str:
    """The form on paper: four groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))
