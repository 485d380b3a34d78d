"""Hostile inputs (target 9): asked of each engine, and of the page and the two endpoints that people reach."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.test import Client

from benchmarks.media.targets import Measured
from benchmarks.search.engines import Machines
from benchmarks.search.targets import at_least, at_most
from search.backends.base import IndexEntry, Request, SearchBackend, SegmentEntry
from search.query import parse
from search.registry import PUBLIC
from tests.integration.search.hostile import HOSTILE

ADDRESSES = ("/search/", "/search/suggest/", "/api/v1/search")
_TRIED, _MOST_S, _ERROR = 500, 1.0, 500


def measure(machines: Machines) -> Iterator[Measured]:
    """Ask everything of every engine and address."""
    yield at_least(9, "hostile inputs", len(HOSTILE), "", _TRIED)
    with machines.fresh() as both:
        for engine, backend in both.items():
            backend.put(IndexEntry(1, 1, (PUBLIC,), "羊羔", "", "", "", (SegmentEntry(1, "羊羔 w1"),)))
            errors, seconds = _tried(lambda text, backend=backend: _ask(backend, text))  # type: ignore[misc]
            yield at_most(9, f"{engine}: errors", errors, "", 0)
            yield at_most(9, f"{engine}: the slowest, CPU of the client", seconds, "s", _MOST_S)
    client = Client(raise_request_exception=False)
    for address in ADDRESSES:
        errors, seconds = _tried(lambda text, address=address: _get(client, address, text))  # type: ignore[misc]
        yield at_most(9, f"{address}: answers with an error of ours", errors, "", 0)
        yield at_most(9, f"{address}: the slowest, CPU", seconds, "s", _MOST_S)


def _tried(ask: Callable[[str], bool]) -> tuple[int, float]:
    """How many went wrong, and the processor seconds of the slowest."""
    errors, slowest = 0, 0.0
    for text in HOSTILE:
        begun = time.process_time()
        try:
            errors += not ask(text)
        except Exception as error:
            errors += 1
            print(f"  {type(error).__name__} for {text[:60]!r}", flush=True)
        slowest = max(slowest, time.process_time() - begun)
    return errors, slowest


def _ask(backend: SearchBackend, text: str) -> bool:
    query = parse(text)
    hits = backend.search(Request(query, (PUBLIC,), count=("kind",)))
    backend.segments(query, [1], relaxed=hits.relaxed)
    return True


def _get(client: Client, address: str, text: str) -> bool:
    # A lone surrogate has no bytes: nobody can send one.
    return client.get(address, {"q": text.encode("utf-8", "replace").decode()}).status_code < _ERROR
