"""Which words may be kept. Pure."""

from __future__ import annotations

import re

from search.normalise import normalise
from search.query import clean

MOST_CHARACTERS = 60
_DIGIT = re.compile(r"[0-9零〇一二三四五六七八九幺]")
_MOST_DIGITS = 5
"""A year and a grade fit; a telephone number, an identity card or a code does not, however it is spaced."""


def keepable(text: str) -> str:
    """The words in one spelling, or nothing where they may tell who somebody is."""
    words = normalise(clean(text)).strip()
    if len(words) > MOST_CHARACTERS or "@" in words or len(_DIGIT.findall(words)) > _MOST_DIGITS:
        return ""
    return words
