"""What the server knows of a device's chain, and what a bundle adds to it (docs/spec/record-sync.md §4.4).

Pure: spans in, a decision out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from offline.sync.protocol import BundleHeader


@dataclass(frozen=True, slots=True)
class Span:
    """Lines `first`…`last` are known without a hole; `prev` and `head` are the chain hashes around them, in hex."""

    first: int
    last: int
    prev: str
    head: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a bundle means for a chain: the spans after it, or a fork (a cloned device) that changes none of them."""

    fork: bool
    spans: tuple[Span, ...]


def judge(spans: Iterable[Span], header: BundleHeader, heads: Sequence[str]) -> Arrival:
    """Fit a verified bundle into the known spans; `heads` are the chain hashes after each of its lines.

    Every known end that falls into the bundle's range must carry the bundle's hash there: one equal hash proves
    that everything before it is equal, too.
    """
    known = sorted(spans, key=lambda span: span.first)
    own = {header.first - 1: header.prev}
    own.update(zip(range(header.first, header.last + 1), heads, strict=True))
    for span in known:
        points = ((span.first - 1, span.prev), (span.last, span.head))
        if any(place in own and own[place] != value for place, value in points):
            return Arrival(True, tuple(known))
    return Arrival(False, tuple(_merged(known, Span(header.first, header.last, header.prev, header.head))))


def contiguous(spans: Iterable[Span]) -> Span | None:
    """The span that begins with line 1, if it is known."""
    return next((span for span in spans if span.first == 1), None)


def gaps(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """The holes before and between the spans, as inclusive ranges of sequence numbers."""
    holes, expected = [], 1
    for span in sorted(spans, key=lambda span: span.first):
        if span.first > expected:
            holes.append((expected, span.first - 1))
        expected = max(expected, span.last + 1)
    return holes


def _merged(known: Sequence[Span], new: Span) -> list[Span]:
    """The spans with `new` joined to all that it overlaps or touches."""
    apart, joined = [], new
    for span in known:
        if span.last < joined.first - 1 or span.first > joined.last + 1:
            apart.append(span)
            continue
        low = span if span.first < joined.first else joined
        high = span if span.last > joined.last else joined
        joined = Span(low.first, high.last, low.prev, high.head)
    return sorted([*apart, joined], key=lambda span: span.first)
