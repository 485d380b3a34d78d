"""How many study records a second are taken in, end to end: as phones post them, signed and compressed."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.test import Client
from django.utils import timezone

from benchmarks.table import Line
from tests.factories import cms, people
from tests.factories.offline import Phone

BUNDLES, LINES = 10, 500
"""A phone that comes home after a winter; bundles of 500 are what offline.md §7 reckons with."""
RECORDS_A_SECOND = 20_000
"""At least, on one core, end to end (offline.md §7)."""


def measure() -> Iterator[Line]:
    """Bundles of one phone after another; packing them is not measured, everything behind the URL is."""
    bodies = _bundles()
    client = Client()
    taken = 0
    started, cpu = time.perf_counter(), time.process_time()
    for body in bodies:
        answer = client.post("/api/v1/records/", data=body, content_type="application/vnd.gyxf.bundle")
        assert answer.status_code == 200, answer.content
        taken += answer.json()["accepted"]
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    assert taken == BUNDLES * LINES, taken
    yield Line("records ingested, end to end", taken / wall_s, "/s", RECORDS_A_SECOND, is_floor=True)
    yield Line("CPU for a record", cpu_s / taken * 1000, "ms")


def _bundles() -> list[bytes]:
    """One for each phone: signed, chained and compressed, of completed lessons."""
    lessons = [cms.make_lesson(published=True).translation_key for _ in range(3)]
    at = timezone.now()
    bodies = []
    for _ in range(BUNDLES):
        phone = Phone(people.member()).register()
        for number in range(LINES):
            phone.learn(lessons[number % len(lessons)], at=at)
        bodies.append(phone.bundle())
    return bodies
