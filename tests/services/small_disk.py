"""A folder on a disk that can really be filled, and emptied again.

Where mounting is allowed (root) it is a file system of its own in memory: the kernel answers ENOSPC. Elsewhere the
kernel limits the size of files that this process writes and answers EFBIG. Either is the system's own refusal in
the midst of a write, so a test stands on it as root, as anybody, and in a container without rights.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CAPACITY = 48 * 1024 * 1024
"""Bytes; well above the test's database, which the limit of files would hit too."""
_MOUNT = ("mount", "-t", "tmpfs", "-o", f"size={CAPACITY},mode=755", "tmpfs")


class SmallDisk:
    """Where to write, and how much room there is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def leave(self, length: int) -> None:
        """Let nobody write more than `length` bytes to one file from now on."""
        raise NotImplementedError

    def make_room(self) -> None:
        """Take back what `leave` did."""
        raise NotImplementedError


class _Mounted(SmallDisk):
    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def leave(self, length: int) -> None:
        self.make_room()
        with self._ballast.open("wb") as writer:
            os.posix_fallocate(writer.fileno(), 0, shutil.disk_usage(self.folder).free - length)

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)


class _Limited(SmallDisk):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def leave(self, length: int) -> None:
        longest = max((path.stat().st_size for path in self.folder.rglob("*") if path.is_file()), default=0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest + length, self._before[1]))

    def make_room(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A small disk at `folder` until the block ends."""
    folder.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.run([*_MOUNT, folder], check=False, capture_output=True).returncode
    disk: SmallDisk = _Mounted(folder) if mounted else _Limited(folder)
    try:
        yield disk
    finally:
        disk.make_room()
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True, capture_output=True)
