"""Hostile inputs (target 9): asked of each engine, and of the page and the two endpoints that people reach."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

from django.test import Client

from benchmarks.media.targets import Measured
from benchmarks.search.engines import Machines
from benchmarks.search.targets import at_least, at_most
from search.backends.base import FACETS, IndexEntry, Request, SearchBackend, SegmentEntry
from search.query import parse
from search.registry import PUBLIC
from tests.integration.search.hostile import FACET_BOMBS, HOSTILE, ODD_ADDRESSES

ADDRESSES = ("/search/", "/search/suggest/", "/api/v1/search", "/api/v1/search/suggestions")
_TRIED, _MOST_S, _ERROR = 500, 1.0, 500


def measure(machines: Machines) -> Iterator[Measured]:
    """Ask everything of every engine and address."""
    tried = len(HOSTILE) + len(FACET_BOMBS) + len(ODD_ADDRESSES)
    yield at_least(9, "hostile inputs", tried, "", _TRIED)
    with machines.fresh() as both:
        for engine, backend in both.items():
            backend.put(IndexEntry(1, 1, (PUBLIC,), "羊羔", "", "", "", (SegmentEntry(1, "羊羔 w1"),)))
            yield from _judged(engine, "CPU of the client", _asking(backend))
    client = Client(raise_request_exception=False)
    for address in ADDRESSES:
        yield from _judged(address, "CPU", _getting(client, address))


def _judged(where: str, of_what: str, tries: Iterable[Callable[[], bool]]) -> Iterator[Measured]:
    """How many went wrong, and the processor seconds of the slowest."""
    errors, slowest = 0, 0.0
    for one in tries:
        begun = time.process_time()
        try:
            errors += not one()
        except Exception as error:
            errors += 1
            print(f"  {type(error).__name__}: {str(error)[:60]!r}", flush=True)
        slowest = max(slowest, time.process_time() - begun)
    yield at_most(9, f"{where}: errors of ours", errors, "", 0)
    yield at_most(9, f"{where}: the slowest, {of_what}", slowest, "s", _MOST_S)


def _asking(backend: SearchBackend) -> Iterator[Callable[[], bool]]:
    def ask(request: Request) -> bool:
        hits = backend.search(request)
        backend.segments(request.query, [1], relaxed=hits.relaxed)
        return True

    for text in HOSTILE:
        yield lambda text=text: ask(Request(parse(text), (PUBLIC,), count=("kind",)))  # type: ignore[misc]
    for bomb in FACET_BOMBS.values():
        yield lambda bomb=bomb: ask(Request(parse("羊羔"), (PUBLIC,), bomb, count=FACETS))  # type: ignore[misc]


def _getting(client: Client, address: str) -> Iterator[Callable[[], bool]]:
    def get(query: str) -> bool:
        return client.get(f"{address}?{query}").status_code < _ERROR

    # A lone surrogate has no bytes: nobody can send one.
    texts = [f"q={quote(text.encode('utf-8', 'replace'))}" for text in HOSTILE]
    for query in (*texts, *(quote(odd, safe="%&=;?[]$.*") for odd in ODD_ADDRESSES)):
        yield lambda query=query: get(query)  # type: ignore[misc]
