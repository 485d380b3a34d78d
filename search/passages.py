"""Cutting long texts into passages that a hit can lead to, so that no row of the index is large. Pure."""

from __future__ import annotations

from collections.abc import Iterator

PASSAGE_CHARACTERS = 1_500
"""Some two minutes of reading: what a reader looks over to find the place."""
_ENDS = ("\n\n", "\n", "。", "！", "？", "།", ". ", "；", "，", " ")
"""Where a text may be cut, the better places first."""


def split(text: str, length: int = PASSAGE_CHARACTERS) -> Iterator[str]:
    """Pieces of at most `length` characters, cut where a paragraph or sentence ends if there is such a place."""
    start = 0
    while start < len(text):
        end = start + length
        if end < len(text):
            end = _best_end(text, start, end)
        piece = text[start:end].strip()
        if piece:
            yield piece
        start = end


def _best_end(text: str, start: int, end: int) -> int:
    earliest = start + (end - start) // 2
    for mark in _ENDS:
        place = text.rfind(mark, earliest, end)
        if place >= 0:
            return place + len(mark)
    return end
