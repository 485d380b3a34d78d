"""Copies of stored objects on this machine's disk: verified, shared by its processes, the oldest dropped first."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from media_pipeline.objects import StoreDamaged

logger = logging.getLogger(__name__)

HELD_FOR_S = 2 * 24 * 3600
"""A link that has been held longer belongs to a process that was killed."""


class DiskCache:
    """Files named by their SHA-256 below `root`, `limit` bytes in all.

    Whoever uses a file holds a hard link of its own: dropping the copy never takes it away under a reader.
    """

    def __init__(self, root: Path, limit: int) -> None:
        self.root = root
        self.limit = limit

    @contextmanager
    def file(self, sha256: str, pieces: Iterable[bytes]) -> Iterator[Path]:
        """A file with the object's bytes for the time of the block; `pieces` is read only where it is not here yet.

        Raises:
            StoreDamaged: the pieces are not what the hash says.
            OSError: the disk is full, or reading failed.
        """
        for folder in (self._kept, self._held):
            folder.mkdir(parents=True, exist_ok=True)
        held = self._held / f"{sha256}.{secrets.token_hex(6)}"
        try:
            self._hold(sha256, held, pieces)
            yield held.resolve()
        finally:
            held.unlink(missing_ok=True)

    def drop(self, sha256: str) -> None:
        """Forget the copy."""
        (self._kept / sha256).unlink(missing_ok=True)

    @property
    def _kept(self) -> Path:
        return self.root / "kept"

    @property
    def _held(self) -> Path:
        return self.root / "held"

    def _hold(self, sha256: str, held: Path, pieces: Iterable[bytes]) -> None:
        kept = self._kept / sha256
        with suppress(FileNotFoundError):
            os.link(kept, held)
            os.utime(held)
            return
        digest = hashlib.sha256()
        with held.open("xb") as writer:
            for piece in pieces:
                digest.update(piece)
                writer.write(piece)
        if digest.hexdigest() != sha256:
            logger.error("object %s came as %s", sha256, digest.hexdigest())
            raise StoreDamaged(f"object {sha256} is not what its name says")
        with suppress(FileExistsError):
            os.link(held, kept)
        self._evict()

    def _evict(self) -> None:
        """Drop the copies used longest ago until the rest fits, and what killed processes held."""
        found = []
        for path in self._kept.iterdir():
            with suppress(FileNotFoundError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _time, size, _path in found)
        for _time, size, path in sorted(found):
            if total <= self.limit:
                break
            path.unlink(missing_ok=True)
            total -= size
        for path in self._held.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - HELD_FOR_S:
                    path.unlink()
