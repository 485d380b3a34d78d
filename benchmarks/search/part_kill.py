"""Elasticsearch killed in the middle of a thousand edits (target 7): what is lost, what a save and a page notice."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from uuid import uuid4

from django.db import transaction
from django.test import Client

from benchmarks.media.targets import Measured
from benchmarks.search.engines import Machines
from benchmarks.search.site import cluster
from benchmarks.search.targets import at_most
from search import outbox
from search.backends import elastic_chores
from search.models import SearchDocument
from search.registry import PUBLIC

EDITS, DOCUMENTS = 1_000, 40
WITHIN_S = 60.0
_MOST_SLOWER_MS = 50
_EVERY = 25
"""Edits between two pages that somebody asks for."""
_ERROR = 500
_KIND = "bench edit"


def measure(machines: Machines) -> Iterator[Measured]:
    """Half of the edits before the kill, half after it; then the node comes back."""
    if machines.node is None:
        return
    client, statuses = Client(raise_request_exception=False), []
    with cluster(machines.node) as site:
        before = [_save(number) for number in range(EDITS // 2)]
        machines.node.kill()
        without = []
        for number in range(EDITS // 2, EDITS):
            without.append(_save(number))
            if number % _EVERY == 0:
                statuses.append(client.get("/search/", {"q": f"接羔 {number}"}).status_code)
        machines.node.stop()
        machines.node.start()
        returned = time.monotonic()
        while outbox.lag().unsent and time.monotonic() - returned < WITHIN_S:
            elastic_chores.send()
            time.sleep(0.1)
        seconds = time.monotonic() - returned
        have = site.elastic.versions()
        want = dict(SearchDocument.objects.filter(kind=_KIND).values_list("pk", "version"))
        lost = sum(have.get(number) != version for number, version in want.items())
        with transaction.atomic():
            SearchDocument.objects.filter(pk__in=list(want)).delete()
            outbox.announce(list(want))
    slower_ms = 1000 * (statistics.median(without) - statistics.median(before))
    yield at_most(7, f"documents lost or old after {EDITS} edits", lost, "", 0)
    yield at_most(7, "until all had arrived, after the node's return", seconds, "s", WITHIN_S)
    yield at_most(
        7, f"pages with an error, of {len(statuses)} without the node", sum(s >= _ERROR for s in statuses), "", 0
    )
    yield at_most(7, "a save without the node is slower by (median)", slower_ms, "ms", _MOST_SLOWER_MS)
    yield at_most(7, "the slowest save without the node", 1000 * max(without), "ms")


def _save(number: int) -> float:
    """Save a document as an editor's publishing does; how long it took, in seconds."""
    started = time.perf_counter()
    with transaction.atomic():
        summary = f"nr {number % DOCUMENTS}"
        row = SearchDocument.objects.filter(kind=_KIND, summary=summary).first() or SearchDocument(
            material_id=uuid4(), kind=_KIND, url="/", summary=summary, version=0, access_tokens=[PUBLIC]
        )
        row.title, row.version = f"接羔第{number}次", row.version + 1
        row.save()
        outbox.announce([row.pk])
    return time.perf_counter() - started
