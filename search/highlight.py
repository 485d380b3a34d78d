"""Marking what was found, in text that is escaped first and never trusted.

Pure. Spans are places in the original text, found by comparing analysed units, so a traditional spelling or a
full-width letter is marked where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from search.analysis import Unit, units
from search.query import Query

SNIPPET_CHARACTERS = 90
"""Length of a snippet: two or three lines on a phone."""
_LEAD = 24
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Span:
    """A found place: characters `start` to `end` of the original text."""

    start: int
    end: int


def _phrase_spans(analysed: Sequence[Unit], phrase: Sequence[str]) -> list[Span]:
    length = len(phrase)
    terms = [unit.term for unit in analysed]
    return [
        Span(analysed[first].start, analysed[first + length - 1].end)
        for first in range(len(terms) - length + 1)
        if terms[first] == phrase[0] and terms[first : first + length] == list(phrase)
    ]


def _pair_spans(analysed: Sequence[Unit], query: Query) -> list[Span]:
    """Spans of single terms of the query: bigrams and words, not lone common characters."""
    wanted = set(query.bigrams) or set(query.characters)
    spans = [Span(unit.start, unit.end) for unit in analysed if unit.term in wanted]
    for first, second in pairwise(analysed):
        joined = first.ideographic and second.ideographic and not second.gap
        if joined and first.term + second.term in wanted:
            spans.append(Span(first.start, second.end))
    return sorted(spans, key=lambda span: (span.start, span.end))


def _merge(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, each.end)):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def find(text: str, query: Query, *, loose: bool = True) -> list[Span]:
    """Where the query's phrases stand in `text`; with `loose`, else where its single terms stand."""
    analysed = units(text)
    exact = [span for part in query.parts for each in part.phrases for span in _phrase_spans(analysed, each.units)]
    if exact or not loose:
        return _merge(exact)
    return _merge(_pair_spans(analysed, query))


def mark(text: str, spans: Sequence[Span]) -> str:
    """The text as HTML, everything escaped, the spans inside `<mark>`."""
    pieces: list[str] = []
    position = 0
    for span in spans:
        pieces.append(escape(text[position : span.start]))
        pieces.append(f"<mark>{escape(text[span.start : span.end])}</mark>")
        position = span.end
    pieces.append(escape(text[position:]))
    return "".join(pieces)


def snippet(text: str, query: Query, *, length: int = SNIPPET_CHARACTERS, borders: Sequence[int] = ()) -> str:
    """A stretch of about `length` characters around the first place found, as marked HTML.

    At each of `borders` (characters of `text`, where one subtitle ends and the next begins) the reader sees a space.
    """
    text, spans = _spaced(text, find(text, query), borders)
    start = max(0, spans[0].start - _LEAD) if spans and spans[0].end > length else 0
    end = min(len(text), max(start + length, spans[0].end if spans else 0))
    inside = [Span(span.start - start, min(span.end, end) - start) for span in spans if start <= span.start < end]
    head = _ELLIPSIS if start else ""
    tail = _ELLIPSIS if end < len(text) else ""
    return f"{head}{mark(text[start:end], inside)}{tail}"


def _spaced(text: str, spans: list[Span], borders: Sequence[int]) -> tuple[str, list[Span]]:
    """The text with a space at each border that has none, and the spans where they lie then."""
    bare = [b for b in borders if 0 < b < len(text) and not text[b - 1].isspace() and not text[b].isspace()]
    edges = [0, *bare, len(text)]
    shifted = [Span(s.start + sum(b <= s.start for b in bare), s.end + sum(b < s.end for b in bare)) for s in spans]
    return " ".join(text[a:b] for a, b in pairwise(edges)), shifted
