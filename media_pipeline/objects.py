"""The private content-addressed store: `objects/<aa>/<sha256>`, immutable; its port and its folder.

`objects_s3` keeps the same in a bucket; one suite of tests runs over both.
"""

from __future__ import annotations

import errno
import hashlib
import io
import logging
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from media_pipeline.durable import commit, temporary_beside

logger = logging.getLogger(__name__)

_HASH = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20
_ASIDE = "discarded"


class StoreDamaged(OSError):
    """The bytes under a hash are others than the hash says."""


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


class ObjectStore(ABC):
    """Objects named by the SHA-256 of their bytes: whole or absent, whatever is killed when.

    Writing the same bytes twice is harmless. What garbage collection discards lies aside for a while; whoever asks
    for it meanwhile brings it back, so that an object whose reference is just being written is never lost.
    """

    @abstractmethod
    def size(self, sha256: str) -> int:
        """Bytes of the object.

        Raises:
            FileNotFoundError: not here.
            ValueError: not a SHA-256.
        """

    @abstractmethod
    def open(self, sha256: str) -> BinaryIO:
        """Open the object for reading and seeking; memory stays bounded whatever its size.

        Raises:
            FileNotFoundError: not here.
        """

    @abstractmethod
    def local_file(self, sha256: str) -> AbstractContextManager[Path]:
        """A readable file with the object's bytes for the time of the block; never write to it.

        Raises:
            FileNotFoundError: not here.
            OSError: no room for a copy, or the store cannot be reached.
        """

    @contextmanager
    def checked_file(self, sha256: str) -> Iterator[Path]:
        """As `local_file`, read through first and compared with its name.

        A damaged object is deleted: it is worth nothing, and it would keep the right one from being stored.

        Raises:
            FileNotFoundError: not here.
            StoreDamaged: the bytes are others, because of a disk, a cache or the bucket.
            OSError: as `local_file`.
        """
        with ExitStack() as held:
            try:
                path = held.enter_context(self.local_file(sha256))
                with path.open("rb") as reader:
                    found = hashlib.file_digest(reader, "sha256").hexdigest()
                if found != sha256:
                    raise StoreDamaged(f"object {sha256} is {found}")
            except StoreDamaged as error:
                logger.error("%s; it is deleted", error)
                self.delete(sha256)
                raise
            yield path

    @abstractmethod
    def put_file(self, path: Path) -> str:
        """Store a copy of the file and return its SHA-256.

        Raises:
            OSError: the source can't be read, the store is full or away; nothing half-written can be seen.
        """

    @abstractmethod
    def put_stream(self, reader: BinaryIO) -> str:
        """Store what is left to read and return its SHA-256.

        Raises:
            OSError: as `put_file`.
        """

    @abstractmethod
    def delete(self, sha256: str) -> None:
        """Remove the object if it is here."""

    @abstractmethod
    def aged(self) -> Iterator[tuple[str, float]]:
        """Every object's hash, in no order, with the time it was stored at (seconds since 1970)."""

    @abstractmethod
    def discard(self, sha256: str) -> None:
        """Lay the object aside; nothing happens if it is not here."""

    @abstractmethod
    def discarded(self) -> Iterator[tuple[str, float]]:
        """What lies aside, with the time it was discarded at."""

    @abstractmethod
    def restore(self, sha256: str) -> bool:
        """Bring back what lies aside; False if nothing does."""

    @abstractmethod
    def forget(self, sha256: str) -> None:
        """Remove for good what lies aside."""

    @abstractmethod
    def _has(self, sha256: str) -> bool:
        """Whether the object is in its place."""

    def signed_url(self, sha256: str, media_type: str, seconds: int) -> str | None:
        """An address that shows a private object to whoever has it, for so long.

        None where the store has no address of its own: then this site has to send the bytes.
        """
        return None

    def exists(self, sha256: str) -> bool:
        """Whether the object is here."""
        return self._has(sha256) or self.restore(sha256)

    def hashes(self) -> Iterator[str]:
        """Every object's hash, in no order."""
        return (sha256 for sha256, _time in self.aged())

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

    def put_bytes(self, content: bytes) -> str:
        """Store the bytes and return their SHA-256.

        Raises:
            OSError: as `put_file`.
        """
        return self.put_stream(io.BytesIO(content))


class FolderStore(ObjectStore):
    """Objects as files: a write lands in a temporary file beside its final name, is fsynced and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """The file of an object; it need not exist. Outside this module use `local_file`.

        Raises:
            ValueError: not a SHA-256.
        """
        return shard_path(self.root, sha256)

    def size(self, sha256: str) -> int:
        return self._present(sha256).stat().st_size

    def open(self, sha256: str) -> BinaryIO:
        return self._present(sha256).open("rb")

    @contextmanager
    def local_file(self, sha256: str) -> Iterator[Path]:
        yield self._present(sha256).resolve()

    def put_file(self, path: Path) -> str:
        with path.open("rb") as reader:
            return self.put_stream(reader)

    def put_stream(self, reader: BinaryIO) -> str:
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
            if self.exists(sha256):
                return sha256
            target = self.path(sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o644)
            commit(temporary, target)
            return sha256
        finally:
            temporary.unlink(missing_ok=True)

    def delete(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)
        self.forget(sha256)

    def aged(self) -> Iterator[tuple[str, float]]:
        return _aged_files(self.root)

    def discard(self, sha256: str) -> None:
        path, aside = self.path(sha256), self._aside(sha256)
        aside.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            # The time first: what is cut off here looks young and is looked at again later.
            os.utime(path)
            path.rename(aside)

    def discarded(self) -> Iterator[tuple[str, float]]:
        return _aged_files(self.root / _ASIDE)

    def restore(self, sha256: str) -> bool:
        path, aside = self.path(sha256), self._aside(sha256)
        try:
            os.utime(aside)
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.rename(path)
        except FileNotFoundError:
            # Somebody else may have brought it back at the same moment.
            return path.is_file()
        return True

    def forget(self, sha256: str) -> None:
        self._aside(sha256).unlink(missing_ok=True)

    def _has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def _aside(self, sha256: str) -> Path:
        return shard_path(self.root / _ASIDE, sha256)

    def _present(self, sha256: str) -> Path:
        if not self.exists(sha256):
            raise FileNotFoundError(errno.ENOENT, f"object {sha256} is not in the store")
        return self.path(sha256)


def _aged_files(root: Path) -> Iterator[tuple[str, float]]:
    for shard in root.iterdir() if root.is_dir() else ():
        if len(shard.name) != 2 or not shard.is_dir():
            continue
        for entry in shard.iterdir():
            if _HASH.fullmatch(entry.name):
                with suppress(FileNotFoundError):
                    yield entry.name, entry.stat().st_mtime


def default_store() -> ObjectStore:
    """The store of this installation: the bucket of `STORAGES["objects"]`, or else the folder `OBJECTS_DIR`."""
    if "objects" in settings.STORAGES:
        from media_pipeline.objects_s3 import configured_store

        return configured_store()
    return FolderStore(Path(settings.OBJECTS_DIR))
