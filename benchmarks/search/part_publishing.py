"""From a lesson's last approval to a search that finds it (target 6), through the whole site."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.media.targets import Measured
from benchmarks.search.engines import ELASTIC, EMBEDDED, Machines
from benchmarks.search.site import cluster
from benchmarks.search.targets import at_most
from search.backends.base import Request
from search.engine import embedded_backend
from search.query import parse
from tests.factories import cms

ROUNDS, MOST_S = 5, 2.0
_GIVEN_UP_S = 30.0


def measure(machines: Machines) -> Iterator[Measured]:
    """The slowest of a few rounds; the embedded engine must have it when publishing returns."""
    author, reviewers = cms.make_editor(), cms.make_reviewers()

    def slowest(is_found: Callable[[str], bool]) -> tuple[float, float]:
        """Seconds from before the publication, and of them those after it had returned."""
        whole, after = [], []
        for number in range(ROUNDS):
            title = f"冬羔护理{'甲乙丙丁戊'[number]}号{time.monotonic_ns()}"
            lesson = cms.make_lesson(title=title, author=author)
            started = time.perf_counter()
            cms.publish(lesson, author, reviewers)
            returned = time.perf_counter()
            while not is_found(title):
                if time.perf_counter() - started > _GIVEN_UP_S:
                    raise RuntimeError("the lesson was never found")
                time.sleep(0.02)
            whole.append(time.perf_counter() - started)
            after.append(time.perf_counter() - returned)
        return max(whole), max(after)

    embedded_backend().prepare()
    whole, after = slowest(lambda title: bool(embedded_backend().search(_asking(title)).document_ids))
    yield at_most(6, f"{EMBEDDED}: publishing and the first search", whole, "s", MOST_S)
    yield at_most(6, f"{EMBEDDED}: of it after publishing had returned", after, "s")
    if machines.node is not None:
        with cluster(machines.node) as site:
            whole, after = slowest(lambda title: bool(site.elastic.search(_asking(title)).document_ids))
            yield at_most(6, f"{ELASTIC}: publish → findable", whole, "s", MOST_S)
            yield at_most(6, f"{ELASTIC}: of it after publishing had returned", after, "s")


def _asking(title: str) -> Request:
    return Request(parse(title), ("public",))
