"""Durable writes: temporary file, fsync, rename, fsync of the folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def fsync_folder(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def temporary_beside(target: Path) -> Path:
    """A fresh hidden name in the folder of `target`, so that the rename stays inside one file system."""
    return target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")


def commit(temporary: Path, target: Path) -> None:
    """Move a fully written and fsynced file to its final name, replacing what is there."""
    temporary.replace(target)
    fsync_folder(target.parent)


def link_or_copy(source: Path, target: Path) -> None:
    """Give `target` the bytes of `source`: a hard link where the file system allows it, else a durable copy.

    Does nothing when the target is there already: names are content hashes, so the bytes are the same.
    """
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    try:
        try:
            os.link(source, temporary)
        except OSError:
            _copy(source, temporary)
        commit(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def write_stream(target: Path, pieces: Iterable[bytes]) -> None:
    """Write the pieces to `target`, which appears whole or not at all.

    Raises:
        OSError: the disk is full; nothing half-written stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    try:
        with temporary.open("xb") as writer:
            for piece in pieces:
                writer.write(piece)
            writer.flush()
            os.fsync(writer.fileno())
        commit(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _copy(source: Path, temporary: Path) -> None:
    with source.open("rb") as reader, temporary.open("xb") as writer:
        while piece := reader.read(1 << 20):
            writer.write(piece)
        writer.flush()
        os.fsync(writer.fileno())
