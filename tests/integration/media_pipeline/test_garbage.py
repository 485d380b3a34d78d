"""Objects that nobody refers to go in two runs; nothing that a race needs is ever lost."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from media_pipeline import garbage
from media_pipeline.garbage import Collected, collect
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import FolderStore, ObjectStore, default_store
from tests.integration.media_pipeline.stores import make_store
from tests.services.s3 import S3

HOUR = 3600.0
NOTHING: frozenset[str] = frozenset()

pytestmark = pytest.mark.django_db


class References:
    """A referrer that a test tells what to name; something may happen when it is asked."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.when_asked: Callable[[], None] = lambda: None

    def referenced(self) -> set[str]:
        self.when_asked()
        return set(self.names)


@pytest.fixture
def references(monkeypatch: pytest.MonkeyPatch) -> References:
    referrer = References()
    monkeypatch.setattr(garbage, "_referrers", {"test": referrer})
    return referrer


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, s3: S3, tmp_path: Path, rooms: Path) -> ObjectStore:
    return make_store(request.param, s3, tmp_path)


def run(store: ObjectStore, *, hours: float, public: set[str] = frozenset(), delete: bool = True) -> Collected:
    """A run so many hours from now, with a grace of 24."""
    return collect(store, public=lambda: set(public), now=time.time() + hours * HOUR, grace_s=24 * HOUR, delete=delete)


def test_what_nobody_refers_to_is_laid_aside_and_deleted_by_a_later_run(
    store: ObjectStore, references: References
) -> None:
    kept, lost = store.put_bytes(b"kept"), store.put_bytes(b"lost")
    references.names = {kept}
    assert run(store, hours=23) == Collected(NOTHING, NOTHING, NOTHING)
    assert run(store, hours=25, delete=False).discarded == {lost}
    assert set(store.hashes()) == {kept, lost}
    assert run(store, hours=25) == Collected(frozenset({lost}), NOTHING, NOTHING)
    assert set(store.hashes()) == {kept}
    # It was laid aside a moment ago by the clock that counts, the store's.
    assert run(store, hours=23) == Collected(NOTHING, NOTHING, NOTHING)
    assert run(store, hours=25) == Collected(NOTHING, frozenset({lost}), NOTHING)
    assert not store.exists(lost)
    assert store.read(kept, limit=10) == b"kept"


def test_one_run_never_both_lays_aside_and_deletes(store: ObjectStore, references: References) -> None:
    lost = store.put_bytes(b"lost")
    assert run(store, hours=10_000) == Collected(frozenset({lost}), NOTHING, NOTHING)
    assert store.exists(lost)


def test_what_is_referred_to_again_comes_back_by_itself(store: ObjectStore, references: References) -> None:
    sha256 = store.put_bytes(b"a lesson")
    run(store, hours=25)
    references.names = {sha256}
    assert run(store, hours=50) == Collected(NOTHING, NOTHING, frozenset({sha256}))
    assert set(store.hashes()) == {sha256}


def test_what_lies_in_the_public_tree_stays(store: ObjectStore, references: References) -> None:
    sha256 = store.put_bytes(b"a lesson")
    assert run(store, hours=25, public={sha256}).discarded == NOTHING


def test_a_publication_between_the_question_and_the_deed_loses_nothing(
    store: ObjectStore, references: References
) -> None:
    sha256 = store.put_bytes(b"a lesson")
    asked = 0

    def publish_after_the_answer() -> None:
        # The first question is answered without it; then somebody stores the same bytes and commits a reference.
        nonlocal asked
        asked += 1
        if asked == 2:
            store.put_bytes(b"a lesson")
            references.names = {sha256}

    references.when_asked = publish_after_the_answer
    assert run(store, hours=25).discarded == {sha256}
    assert set(store.hashes()) == {sha256}
    assert list(store.discarded()) == []


@pytest.mark.parametrize("step", ["restore", "forget", "discard"])
def test_a_publication_at_any_step_of_the_second_run_loses_nothing(
    store: ObjectStore, references: References, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    aside, old = store.put_bytes(b"laid aside"), store.put_bytes(b"old")
    references.names = {old}
    run(store, hours=25)
    references.names = set()
    step_itself = getattr(type(store), step)

    def publish_first(self: ObjectStore, sha256: str) -> object:
        monkeypatch.setattr(type(store), step, step_itself)
        assert store.put_bytes(b"laid aside") == aside
        assert store.put_bytes(b"old") == old
        references.names = {aside, old}
        return step_itself(self, sha256)

    if step == "restore":
        # Somebody brings it back for reasons of their own while the run wants to do so.
        references.names = {aside}
    monkeypatch.setattr(type(store), step, publish_first)
    run(store, hours=50)
    monkeypatch.setattr(type(store), step, step_itself)
    assert store.read(aside, limit=20) == b"laid aside"
    assert store.read(old, limit=20) == b"old"


def test_a_layer_that_cannot_tell_stops_the_collection(store: ObjectStore, references: References) -> None:
    sha256 = store.put_bytes(b"a lesson")

    def fail() -> None:
        raise OSError("a manifest cannot be read")

    references.when_asked = fail
    with pytest.raises(OSError, match="manifest"):
        run(store, hours=25)
    assert set(store.hashes()) == {sha256}


def test_the_pipelines_own_objects_are_all_referred_to(rooms: Path) -> None:
    source = MediaSource.objects.create(sha256="0" * 64, storage_name="x", length=1)
    store = default_store()
    movie, index = (store.put_bytes(name) for name in (b"movie", b"index"))
    Rendition.objects.create(
        source=source, name="opus-16", kind="audio", mime="audio/mp4", length=5, preset_version="1",
        sha256=movie, index_sha256=index,
    )  # fmt: skip
    assert {movie, index} <= garbage.referenced()


def age(store: FolderStore, sha256: str) -> None:
    for path in store.root.rglob(sha256):
        os.utime(path, (0, 0))


def test_the_command_lists_lays_aside_and_deletes(rooms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = default_store()
    assert isinstance(store, FolderStore)
    lost = store.put_bytes(b"lost")
    young = store.put_bytes(b"young")
    age(store, lost)
    call_command("collect_objects", verbosity=2)
    assert f"discarded {lost}" in capsys.readouterr().out
    assert set(store.hashes()) == {lost, young}
    call_command("collect_objects", "--delete")
    assert set(store.hashes()) == {young}
    age(store, lost)
    call_command("collect_objects", "--delete", "--older-than", "24")
    assert not store.exists(lost)
    with pytest.raises(CommandError):
        call_command("collect_objects", "--older-than", "0.5")


def test_the_command_says_that_nothing_was_collected_when_a_layer_cannot_tell(
    rooms: Path, references: References
) -> None:
    store = default_store()
    lost = store.put_bytes(b"lost")
    age(store, lost)

    def fail() -> None:
        raise ValueError("unreadable")

    references.when_asked = fail
    with pytest.raises(CommandError, match="unreadable"):
        call_command("collect_objects", "--delete")
    assert hashlib.sha256(store.read(lost, limit=10)).hexdigest() == lost
