"""A running worker collects unreferenced objects by itself, once a day, and says how it went."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.health import checks, probes
from media_pipeline import collecting, garbage, receivers
from media_pipeline.objects import default_store
from media_pipeline.signals import swept

DAY = 24 * 3600.0

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(rooms: Path, settings, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the layers refer to; the note and the objects lie in a room of this test."""
    names: set[str] = set()

    class Referrer:
        def referenced(self) -> set[str]:
            return set(names)

    settings.STATE_DIR = rooms
    monkeypatch.setattr(garbage, "_referrers", {"test": Referrer()})
    return names


def old(content: bytes, days: float = 5) -> str:
    """An object that was written so long ago."""
    sha256 = default_store().put_bytes(content)
    for path in default_store().root.rglob(sha256):  # type: ignore[attr-defined]
        os.utime(path, times=(time.time() - days * DAY,) * 2)
    return sha256


def test_a_layer_that_cannot_tell_what_it_refers_to_stops_the_collection_and_the_health_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Silent:
        def referenced(self) -> set[str]:
            raise ConnectionError("the database is away")

    lost = old(b"lost")
    monkeypatch.setattr(garbage, "_referrers", {"test": Silent()})
    note = collecting.collect_when_due()
    assert note is not None and note.error == "ConnectionError"
    assert default_store().exists(lost)
    with pytest.raises(probes.NotWorking, match="ConnectionError"):
        checks.collection()
    assert collecting.collect_when_due(clock=lambda: time.time() + 600) is None, "not again at once"
    assert collecting.collect_when_due(clock=lambda: time.time() + 3700) is not None


def test_when_most_objects_are_without_a_reference_nothing_is_touched_until_a_person_has_looked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collecting, "FREE_OBJECTS", 3)
    found = {old(b"%d" % number) for number in range(4)}
    note = collecting.collect_when_due()
    assert note is not None and note.error == collecting.TOO_MUCH
    assert set(default_store().hashes()) == found
    with pytest.raises(probes.NotWorking, match="collect_objects"):
        checks.collection()


def test_an_unreadable_note_counts_as_none(rooms: Path) -> None:
    (rooms / "objects-collected.json").write_text('{"ended_at": 1, "wrong": 2}')
    assert collecting.last_note() is None
    assert collecting.collect_when_due() is not None


def test_it_is_done_once_a_day_in_two_runs_and_shown_with_its_numbers(kept: set[str]) -> None:
    kept.add(old(b"kept"))
    lost, young = old(b"lost"), default_store().put_bytes(b"young")
    assert "还没有运行过" in checks.collection()
    first = collecting.collect_when_due()
    assert first is not None and (first.laid_aside, first.deleted, first.error) == (1, 0, "")
    assert set(default_store().hashes()) == {*kept, young}
    assert collecting.collect_when_due() is None, "a worker that is started again waits for the day to be over"
    today = datetime.now(UTC)
    assert f"{today:%Y-%m-%d}" in checks.collection() and "移入待删 1" in checks.collection()
    later = collecting.collect_when_due(clock=lambda: time.time() + 2 * DAY + 60)
    assert later is not None and later.deleted == 1
    assert not default_store().exists(lost)
    assert default_store().exists(*kept)


def test_a_clock_that_fell_back_does_not_stop_it() -> None:
    assert collecting.collect_when_due(clock=lambda: time.time() + 400 * DAY) is not None
    assert collecting.collect_when_due() is not None


def test_a_worker_s_sweep_begins_it_beside_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(collecting, "collect_when_due", lambda: begun.append("collected"))
    for chore in receivers._upkeep.chores:
        chore.due_at = 0.0
    swept.send(sender=None)
    assert collecting._thread is not None
    collecting._thread.join(10)
    assert begun == ["collected"]


def test_a_worker_that_has_not_collected_for_days_is_reported() -> None:
    collecting.collect_when_due(clock=lambda: time.time() - 4 * DAY)
    with pytest.raises(probes.NotWorking, match="没有再运行"):
        checks.collection()
