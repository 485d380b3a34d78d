"""The private content-addressed store: `objects/<aa>/<sha256>`, immutable, one file an object."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from media_pipeline.durable import commit, temporary_beside

_HASH = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


def check_hash(sha256: str) -> str:
    """Return `sha256` if it is 64 lower-case hex digits.

    Raises:
        ValueError: anything else, so that no name from outside ever becomes a path.
    """
    if not _HASH.fullmatch(sha256):
        raise ValueError(f"not a lower-case SHA-256: {sha256[:80]!r}")
    return sha256


def shard_path(root: Path, sha256: str) -> Path:
    """Where an object of that hash lies below `root`."""
    check_hash(sha256)
    return root / sha256[:2] / sha256


class ObjectStore:
    """Objects named by the SHA-256 of their bytes.

    A write lands in a temporary file beside its final name, is fsynced and renamed: an object is either whole
    or absent, whatever is killed when. Writing the same bytes twice is harmless.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """The file of an object; it need not exist.

        Raises:
            ValueError: not a SHA-256.
        """
        return shard_path(self.root, sha256)

    def exists(self, sha256: str) -> bool:
        """Whether the object is here."""
        return self.path(sha256).is_file()

    def size(self, sha256: str) -> int:
        """Bytes of the object.

        Raises:
            FileNotFoundError: not here.
        """
        return self.path(sha256).stat().st_size

    def open(self, sha256: str) -> BinaryIO:
        """Open the object for reading.

        Raises:
            FileNotFoundError: not here.
        """
        return self.path(sha256).open("rb")

    def read(self, sha256: str, *, limit: int) -> bytes:
        """All bytes of a small object.

        Raises:
            FileNotFoundError: not here.
            ValueError: longer than `limit` bytes.
        """
        with self.open(sha256) as reader:
            content = reader.read(limit + 1)
        if len(content) > limit:
            raise ValueError(f"object {sha256} is longer than {limit} bytes")
        return content

    @contextmanager
    def local_file(self, sha256: str) -> Iterator[Path]:
        """A readable file with the object's bytes for the time of the block; never write to it.

        Raises:
            FileNotFoundError: not here.
        """
        path = self.path(sha256).resolve()
        if not path.is_file():
            raise FileNotFoundError(f"object {sha256} is not in the store")
        yield path

    def put_file(self, path: Path) -> str:
        """Store a copy of the file and return its SHA-256.

        Raises:
            OSError: the source can't be read or the disk is full; nothing half-written stays.
        """
        with path.open("rb") as reader:
            return self._put(reader)

    def put_stream(self, reader: BinaryIO) -> str:
        """Store what is left to read and return its SHA-256.

        Raises:
            OSError: the source can't be read or the disk is full; nothing half-written stays.
        """
        return self._put(reader)

    def put_bytes(self, content: bytes) -> str:
        """Store the bytes and return their SHA-256.

        Raises:
            OSError: the disk is full; nothing half-written stays.
        """
        return self._put(io.BytesIO(content))

    def delete(self, sha256: str) -> None:
        """Remove the object if it is here."""
        self.path(sha256).unlink(missing_ok=True)

    def hashes(self) -> Iterator[str]:
        """Every object's hash, in no order."""
        if not self.root.is_dir():
            return
        for shard in self.root.iterdir():
            if len(shard.name) == 2 and shard.is_dir():
                yield from (entry.name for entry in shard.iterdir() if _HASH.fullmatch(entry.name))

    def _put(self, reader: BinaryIO) -> str:
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(self.root / "incoming")
        digest = hashlib.sha256()
        try:
            with temporary.open("xb") as writer:
                while piece := reader.read(_PIECE):
                    digest.update(piece)
                    writer.write(piece)
                writer.flush()
                os.fsync(writer.fileno())
            sha256 = digest.hexdigest()
            target = self.path(sha256)
            if target.exists():
                return sha256
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o644)
            commit(temporary, target)
            return sha256
        finally:
            temporary.unlink(missing_ok=True)


def default_store() -> ObjectStore:
    """The store of this installation (`settings.OBJECTS_DIR`)."""
    return ObjectStore(Path(settings.OBJECTS_DIR))
