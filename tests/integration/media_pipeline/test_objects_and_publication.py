"""The private store and the public tree: whole or absent, private until published."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from media_pipeline.objects import ObjectStore
from media_pipeline.publication import PublicTree

CONTENT = b"a lesson" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


@pytest.fixture
def tree(tmp_path: Path, store: ObjectStore) -> PublicTree:
    return PublicTree(tmp_path / "public", store)


def test_an_object_lies_under_its_hash_and_is_kept_once(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    assert store.put_file(source) == store.put_bytes(CONTENT) == SHA
    assert store.path(SHA) == tmp_path / "objects" / SHA[:2] / SHA
    assert store.size(SHA) == len(CONTENT)
    assert list(store.hashes()) == [SHA]
    assert source.exists()


def test_no_name_from_outside_becomes_a_path(store: ObjectStore, tree: PublicTree) -> None:
    for name in ("../../etc/passwd", SHA.upper(), SHA[:-1], "", SHA + "\n"):
        with pytest.raises(ValueError):
            store.path(name)
        with pytest.raises(ValueError):
            tree.path(name)


def test_a_write_that_fails_leaves_nothing_behind(store: ObjectStore) -> None:
    with pytest.raises(IsADirectoryError):
        store.put_file(Path("/tmp"))
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_a_small_object_is_read_whole_and_a_large_one_refused(store: ObjectStore) -> None:
    store.put_bytes(CONTENT)
    assert store.read(SHA, limit=len(CONTENT)) == CONTENT
    with pytest.raises(ValueError, match="longer"):
        store.read(SHA, limit=len(CONTENT) - 1)


def test_publishing_links_the_object_and_withdrawing_leaves_the_private_copy(
    store: ObjectStore, tree: PublicTree
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


def test_when_one_object_is_missing_none_is_published(store: ObjectStore, tree: PublicTree) -> None:
    store.put_bytes(CONTENT)
    with pytest.raises(FileNotFoundError):
        tree.publish([SHA, "0" * 64])
    assert not tree.is_published(SHA)
