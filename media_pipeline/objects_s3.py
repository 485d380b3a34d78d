"""The private object store in a bucket: `objects/<aa>/<sha256>`; what is discarded lies below `discarded/`."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.storage import storages

from media_pipeline.disk_cache import DiskCache
from media_pipeline.objects import ObjectStore, check_hash
from media_pipeline.s3 import PART_BYTES, Bucket, StoreUnavailable, bucket_of, parts_of

READ_BYTES = 1 << 20
"""What one request of an open object asks for, and so the memory it takes."""
INCOMING = "incoming/"
ABANDONED_AFTER = timedelta(days=7)


def object_key(sha256: str, room: str = "objects") -> str:
    """The key of an object in one of the bucket's rooms.

    Raises:
        ValueError: not a SHA-256.
    """
    check_hash(sha256)
    return f"{room}/{sha256[:2]}/{sha256}"


class _StoredObject(io.RawIOBase):
    """A seekable view of an object: every read is one request for one range."""

    def __init__(self, bucket: Bucket, key: str, length: int) -> None:
        self._bucket, self._key, self._length, self._at = bucket, key, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        if base + offset < 0:
            raise ValueError("a place before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._length - self._at, PART_BYTES)
        content = self._bucket.read(self._key, self._at, wanted)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


class S3Store(ObjectStore):
    """Objects in a bucket, with a cache on this machine's disk for whoever needs a file.

    A key named by a hash never holds other bytes: an upload is completed only when what was sent has that hash, and
    what has no hash yet is sent under `incoming/` and copied inside the store.
    """

    def __init__(self, bucket: Bucket, cache: DiskCache) -> None:
        self.bucket = bucket
        self.cache = cache

    def size(self, sha256: str) -> int:
        key = object_key(sha256)
        length = self.bucket.length(key)
        if length is None and self.restore(sha256):
            length = self.bucket.length(key)
        if length is None:
            raise FileNotFoundError(f"object {sha256} is not in the store")
        return length

    def open(self, sha256: str) -> BinaryIO:
        raw = _StoredObject(self.bucket, object_key(sha256), self.size(sha256))
        return cast("BinaryIO", io.BufferedReader(raw, READ_BYTES))

    @contextmanager
    def local_file(self, sha256: str) -> Iterator[Path]:
        length = self.size(sha256)
        with self.cache.file(sha256, self.bucket.pieces(object_key(sha256), 0, length)) as path:
            yield path

    def put_file(self, path: Path) -> str:
        with path.open("rb") as reader:
            sha256 = hashlib.file_digest(reader, "sha256").hexdigest()
            if self.exists(sha256):
                return sha256
            reader.seek(0)
            head = reader.read(PART_BYTES)
            if len(head) < PART_BYTES and hashlib.sha256(head).hexdigest() == sha256:
                self.bucket.put(object_key(sha256), head)
            else:
                self.bucket.put_parts(object_key(sha256), chain([head], parts_of(reader)), expect=sha256)
            return sha256

    def put_stream(self, reader: BinaryIO) -> str:
        head = next(parts_of(reader), b"")
        if len(head) < PART_BYTES:
            sha256 = hashlib.sha256(head).hexdigest()
            if not self.exists(sha256):
                self.bucket.put(object_key(sha256), head)
            return sha256
        incoming = f"{INCOMING}{secrets.token_hex(16)}"
        sha256 = self.bucket.put_parts(incoming, chain([head], parts_of(reader)))
        try:
            if not self.exists(sha256):
                self.bucket.copy(incoming, object_key(sha256))
        finally:
            with suppress(StoreUnavailable):
                self.bucket.delete(incoming)
        return sha256

    def delete(self, sha256: str) -> None:
        self.bucket.delete(object_key(sha256), object_key(sha256, "discarded"))
        self.cache.drop(sha256)

    def aged(self) -> Iterator[tuple[str, float]]:
        return self._aged("objects/")

    def discard(self, sha256: str) -> None:
        with suppress(FileNotFoundError):
            self.bucket.copy(object_key(sha256), object_key(sha256, "discarded"))
            self.bucket.delete(object_key(sha256))

    def discarded(self) -> Iterator[tuple[str, float]]:
        return self._aged("discarded/")

    def restore(self, sha256: str) -> bool:
        try:
            self.bucket.copy(object_key(sha256, "discarded"), object_key(sha256))
        except FileNotFoundError:
            # Somebody else may have brought it back at the same moment.
            return self._has(sha256)
        self.bucket.delete(object_key(sha256, "discarded"))
        return True

    def forget(self, sha256: str) -> None:
        self.bucket.delete(object_key(sha256, "discarded"))

    def signed_url(self, sha256: str, media_type: str, seconds: int) -> str | None:
        return self.bucket.signed_get(object_key(sha256), media_type, seconds)

    def remove_debris(self, now: datetime) -> int:
        """Remove what killed uploads left behind a week ago; returns how many uploads that were."""
        before = now - ABANDONED_AFTER
        count = self.bucket.abort_abandoned(before)
        for entry in self.bucket.entries(INCOMING):
            if entry.modified < before:
                self.bucket.delete(entry.key)
                count += 1
        return count

    def _has(self, sha256: str) -> bool:
        return self.bucket.length(object_key(sha256)) is not None

    def _aged(self, prefix: str) -> Iterator[tuple[str, float]]:
        for entry in self.bucket.entries(prefix):
            sha256 = entry.key.rpartition("/")[2]
            with suppress(ValueError):
                yield check_hash(sha256), entry.modified.timestamp()


def configured_bucket() -> Bucket:
    """The bucket of `STORAGES["objects"]`."""
    return bucket_of(storages["objects"], settings.S3_PUBLIC_ENDPOINT)


def configured_store() -> S3Store:
    """The store of an installation whose objects lie in a bucket."""
    cache = DiskCache(Path(settings.WORK_DIR) / "object-cache", settings.OBJECT_CACHE_BYTES)
    return S3Store(configured_bucket(), cache)


def remove_upload_debris() -> int:
    """A chore: remove what killed uploads left behind, where objects lie in a bucket; how many uploads."""
    return configured_store().remove_debris(datetime.now(UTC)) if "objects" in settings.STORAGES else 0
