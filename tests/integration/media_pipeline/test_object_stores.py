"""One behaviour for every store of objects: a folder, and a bucket of a real S3 server."""

from __future__ import annotations

import hashlib
import io
import os
import random
from pathlib import Path

import pytest

from media_pipeline.objects import ObjectStore, StoreDamaged
from media_pipeline.s3 import PART_BYTES
from tests.integration.media_pipeline.stores import damage, make_store
from tests.services.s3 import S3

SMALL = b"a lesson" * 1000
LARGE = random.Random(1).randbytes(2 * PART_BYTES + 12345)
SMALL_SHA, LARGE_SHA = (hashlib.sha256(content).hexdigest() for content in (SMALL, LARGE))
NOWHERE = "0" * 64


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, s3: S3, tmp_path: Path) -> ObjectStore:
    return make_store(request.param, s3, tmp_path)


class Dripping(io.RawIOBase):
    """A reader that gives little at a time, as a socket does."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._left.read(min(size, 100_000) if size >= 0 else 100_000)


@pytest.mark.parametrize(
    "content", [b"", SMALL, LARGE, LARGE[:PART_BYTES]], ids=["empty", "small", "large", "one part"]
)
def test_what_is_put_comes_back_whichever_way(store: ObjectStore, tmp_path: Path, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    source = tmp_path / "source"
    source.write_bytes(content)
    assert store.put_file(source) == sha256
    assert store.put_stream(io.BytesIO(content)) == store.put_bytes(content) == sha256
    assert store.exists(sha256)
    assert store.size(sha256) == len(content)
    assert list(store.hashes()) == [sha256]
    with store.open(sha256) as reader:
        assert reader.read() == content
    with store.local_file(sha256) as path:
        assert path.read_bytes() == content
    assert source.exists()


def test_a_slow_stream_is_kept_whole(store: ObjectStore) -> None:
    assert store.put_stream(Dripping(LARGE)) == LARGE_SHA
    with store.local_file(LARGE_SHA) as path:
        assert path.read_bytes() == LARGE


def test_a_reader_goes_to_any_place(store: ObjectStore) -> None:
    store.put_bytes(LARGE)
    choice = random.Random(2)
    with store.open(LARGE_SHA) as reader:
        for _round in range(20):
            start, length = choice.randrange(len(LARGE)), choice.randrange(200_000)
            reader.seek(start)
            assert reader.read(length) == LARGE[start : start + length]
        assert reader.seek(-5, os.SEEK_END) == len(LARGE) - 5
        assert reader.read() == LARGE[-5:]
        assert reader.read(1) == b""
        reader.seek(len(LARGE) + 10)
        assert reader.read(1) == b""


def test_a_small_object_is_read_whole_and_a_large_one_refused(store: ObjectStore) -> None:
    store.put_bytes(SMALL)
    assert store.read(SMALL_SHA, limit=len(SMALL)) == SMALL
    with pytest.raises(ValueError, match="longer"):
        store.read(SMALL_SHA, limit=len(SMALL) - 1)


def test_what_is_not_there_is_said_so(store: ObjectStore) -> None:
    assert not store.exists(NOWHERE)
    store.delete(NOWHERE)
    store.discard(NOWHERE)
    store.forget(NOWHERE)
    for ask in (store.size, store.open, lambda sha256: store.read(sha256, limit=1)):
        with pytest.raises(FileNotFoundError):
            ask(NOWHERE)
    with pytest.raises(FileNotFoundError), store.local_file(NOWHERE):
        pass
    assert list(store.hashes()) == []


def test_a_damaged_object_is_found_out_and_makes_room_for_the_right_one(store: ObjectStore) -> None:
    store.put_bytes(SMALL)
    with store.checked_file(SMALL_SHA) as path:
        assert path.read_bytes() == SMALL
    store.delete(SMALL_SHA)  # Of a bucket also the copy on this machine's disk.
    store.put_bytes(SMALL)
    damage(store, SMALL_SHA)
    with pytest.raises(StoreDamaged), store.checked_file(SMALL_SHA):
        pass
    with pytest.raises(FileNotFoundError), store.checked_file(SMALL_SHA):
        pass
    assert store.put_bytes(SMALL) == SMALL_SHA
    with store.checked_file(SMALL_SHA) as path:
        assert path.read_bytes() == SMALL


def test_no_name_from_outside_becomes_a_place(store: ObjectStore) -> None:
    for name in ("../../etc/passwd", SMALL_SHA.upper(), SMALL_SHA[:-1], "", SMALL_SHA + "\n"):
        for ask in (store.exists, store.size, store.open, store.delete):
            with pytest.raises(ValueError):
                ask(name)


def test_a_deleted_object_is_gone_and_may_come_again(store: ObjectStore) -> None:
    store.put_bytes(SMALL)
    store.delete(SMALL_SHA)
    assert not store.exists(SMALL_SHA)
    assert store.put_bytes(SMALL) == SMALL_SHA
    assert store.exists(SMALL_SHA)


@pytest.mark.parametrize("asking", ["exists", "size", "open", "read", "local_file", "put"])
def test_whoever_asks_for_a_discarded_object_brings_it_back(store: ObjectStore, asking: str) -> None:
    store.put_bytes(SMALL)
    store.discard(SMALL_SHA)
    assert list(store.hashes()) == []
    assert [sha256 for sha256, _time in store.discarded()] == [SMALL_SHA]
    if asking == "exists":
        assert store.exists(SMALL_SHA)
    elif asking == "size":
        assert store.size(SMALL_SHA) == len(SMALL)
    elif asking == "open":
        with store.open(SMALL_SHA) as reader:
            assert reader.read() == SMALL
    elif asking == "read":
        assert store.read(SMALL_SHA, limit=len(SMALL)) == SMALL
    elif asking == "local_file":
        with store.local_file(SMALL_SHA) as path:
            assert path.read_bytes() == SMALL
    else:
        store.put_bytes(SMALL)
    assert list(store.hashes()) == [SMALL_SHA]
    assert list(store.discarded()) == []


def test_a_forgotten_object_stays_gone(store: ObjectStore) -> None:
    store.put_bytes(SMALL)
    store.discard(SMALL_SHA)
    store.forget(SMALL_SHA)
    assert not store.exists(SMALL_SHA)
    assert not store.restore(SMALL_SHA)
