"""Fitting bundles into what is known of a chain (docs/spec/record-sync.md §4.4)."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from offline.sync import chain, protocol
from offline.sync.chain import Span
from offline.sync.protocol import BundleHeader

DEVICE, EPOCH = UUID(int=1), UUID(int=2)
START = protocol.chain_start(DEVICE, EPOCH)
LOG = [b"line %d" % number for number in range(1, 13)]
HASHES = [START.hex(), *(head.hex() for head in protocol.chain_heads(START, LOG))]


def arrive(spans, first: int, last: int, hashes=HASHES) -> chain.Arrival:
    header = BundleHeader(DEVICE, EPOCH, first, last - first + 1, hashes[first - 1], hashes[last])
    return chain.judge(spans, header, hashes[first : last + 1])


def test_bundles_in_any_order_end_as_one_span():
    for order in permutations([(1, 3), (3, 6), (7, 9), (9, 12)]):
        spans: tuple[Span, ...] = ()
        for first, last in order:
            arrival = arrive(spans, first, last)
            assert not arrival.fork
            spans = arrival.spans
        assert spans == (Span(1, 12, HASHES[0], HASHES[12]),)


ranges = st.tuples(st.integers(1, 12), st.integers(1, 12)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(ranges, min_size=1, max_size=8))
def test_the_spans_and_gaps_are_what_a_plain_set_of_numbers_says(arrivals):
    spans: tuple[Span, ...] = ()
    known: set[int] = set()
    for first, last in arrivals:
        spans = arrive(spans, first, last).spans
        known |= set(range(first, last + 1))
    assert {number for span in spans for number in range(span.first, span.last + 1)} == known
    missing = {number for low, high in chain.gaps(spans) for number in range(low, high + 1)}
    assert missing == set(range(1, max(known))) - known
    for span in spans:
        assert (span.prev, span.head) == (HASHES[span.first - 1], HASHES[span.last])
    begun = chain.contiguous(spans)
    assert (begun.last if begun else 0) == next(n for n in range(1, 15) if n not in known) - 1


class TestForks:
    OTHER = [*HASHES[:5], *(f"{number:064x}" for number in range(8))]
    """A clone's chain: equal up to line 4, different from line 5 on."""

    def test_a_clone_with_another_line_at_a_known_place_is_a_fork(self):
        spans = arrive((), 1, 6).spans
        arrival = arrive(spans, 1, 8, self.OTHER)
        assert arrival.fork
        assert arrival.spans == spans

    def test_a_clone_that_continues_from_another_head_is_a_fork(self):
        spans = arrive((), 1, 6).spans
        assert arrive(spans, 7, 9, self.OTHER).fork

    def test_a_bundle_that_does_not_lead_to_what_followed_is_a_fork(self):
        spans = arrive(arrive((), 1, 3).spans, 7, 9).spans
        assert arrive(spans, 4, 6, self.OTHER).fork
        assert not arrive(spans, 4, 6).fork
