"""The private store and the public tree: whole or absent, private until published."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Collection
from pathlib import Path

import pytest

from media_pipeline import publication
from media_pipeline.objects import FolderStore
from media_pipeline.publication import FolderTree

CONTENT = b"a lesson" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def tree(tmp_path: Path, store: FolderStore) -> FolderTree:
    return FolderTree(tmp_path / "public", store)


def test_an_object_lies_under_its_hash_and_is_kept_once(store: FolderStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    assert store.put_file(source) == store.put_bytes(CONTENT) == SHA
    assert store.path(SHA) == tmp_path / "objects" / SHA[:2] / SHA
    assert store.size(SHA) == len(CONTENT)
    assert list(store.hashes()) == [SHA]
    assert source.exists()


def test_no_name_from_outside_becomes_a_path(store: FolderStore, tree: FolderTree) -> None:
    for name in ("../../etc/passwd", SHA.upper(), SHA[:-1], "", SHA + "\n"):
        with pytest.raises(ValueError):
            store.path(name)
        with pytest.raises(ValueError):
            tree.path(name)


def test_a_write_that_fails_leaves_nothing_behind(store: FolderStore) -> None:
    with pytest.raises(IsADirectoryError):
        store.put_file(Path("/tmp"))
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_a_small_object_is_read_whole_and_a_large_one_refused(store: FolderStore) -> None:
    store.put_bytes(CONTENT)
    assert store.read(SHA, limit=len(CONTENT)) == CONTENT
    with pytest.raises(ValueError, match="longer"):
        store.read(SHA, limit=len(CONTENT) - 1)


def test_publishing_links_the_object_and_withdrawing_leaves_the_private_copy(
    store: FolderStore, tree: FolderTree
) -> None:
    store.put_bytes(CONTENT)
    assert not tree.is_published(SHA)
    tree.publish([SHA, SHA])
    tree.publish([SHA])
    assert tree.path(SHA) == tree.root / "b" / SHA[:2] / SHA
    assert tree.path(SHA).samefile(store.path(SHA))
    tree.withdraw([SHA])
    tree.withdraw([SHA])
    assert not tree.is_published(SHA)
    assert store.exists(SHA)


def test_when_one_object_is_missing_none_is_published(store: FolderStore, tree: FolderTree) -> None:
    store.put_bytes(CONTENT)
    with pytest.raises(FileNotFoundError):
        tree.publish([SHA, "0" * 64])
    assert not tree.is_published(SHA)


class Names:
    """A holder that a test tells what to want."""

    def __init__(self) -> None:
        self.wanted: set[str] = set()

    def named(self, shas: Collection[str] | None = None) -> set[str]:
        return self.wanted if shas is None else self.wanted & set(shas)


@pytest.fixture
def names(rooms: Path, monkeypatch: pytest.MonkeyPatch) -> Names:
    holder = Names()
    monkeypatch.setattr(publication, "_holders", {"test": holder})
    return holder


def test_an_object_is_public_exactly_while_somebody_names_it(names: Names) -> None:
    tree = publication.default_tree()
    shas = [tree.store.put_bytes(bytes([number])) for number in range(4)]
    names.wanted = set(shas[:2])
    assert publication.settle(shas) == publication.Settled(shown=2, withdrawn=0)
    names.wanted = set(shas[1:3])
    assert publication.reconcile() == publication.Settled(shown=1, withdrawn=1)
    assert set(tree.hashes()) == names.wanted


def test_what_a_killed_publication_left_half_made_is_removed(names: Names) -> None:
    tree = publication.default_tree()
    debris = tree.path(SHA).with_name(f".{SHA}.123456abcdef.part")
    debris.parent.mkdir(parents=True)
    debris.write_bytes(CONTENT)
    publication.reconcile()
    assert not debris.exists()


def test_whoever_publishes_and_withdraws_at_once_the_tree_ends_as_it_is_named(names: Names) -> None:
    tree = publication.default_tree()
    shas = [tree.store.put_bytes(bytes([number])) for number in range(8)]

    def change(own: Names, seed: int) -> None:
        choice = random.Random(seed)
        for _round in range(60):
            changed = set(choice.sample(shas, 3))
            own.wanted = own.wanted ^ changed
            publication.settle(changed)
            if choice.random() < 0.1:
                publication.reconcile()

    others = [Names() for _number in range(4)]
    for number, other in enumerate(others):
        publication.register_holder(f"other {number}", other)
    threads = [threading.Thread(target=change, args=(other, seed)) for seed, other in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(tree.hashes()) == set().union(*(other.wanted for other in others))
