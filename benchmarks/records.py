"""How many study records a second are taken in."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

from django.utils import timezone

from benchmarks.table import Line
from education.records.services import ingest_lines
from tests.factories import cms, people

BUNDLES, LINES = 20, 200


def measure() -> Iterator[Line]:
    """Bundles of 200 lines, each a completed lesson or an answer, of one member after another."""
    lessons = [cms.make_lesson(published=True).translation_key for _ in range(3)]
    at = timezone.now()
    taken = 0
    started, cpu = time.perf_counter(), time.process_time()
    for _ in range(BUNDLES):
        member = people.member()
        lines = [people.statement(member, lessons[n % 3], sequence=n + 1, at=at) for n in range(LINES)]
        result = ingest_lines(
            member=member, device_id=uuid.uuid4(), epoch=uuid.uuid4(), lines=lines, first_sequence=1, received_at=at
        )
        taken += result.accepted
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    assert taken == BUNDLES * LINES, taken
    yield Line("records ingested", taken / wall_s, "/s")
    yield Line("CPU for a record", cpu_s / taken * 1000, "ms")
