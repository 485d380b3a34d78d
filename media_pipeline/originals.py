"""Stored originals: one private file a source, kept whatever becomes of its transcode."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import Storage, default_storage

from media_pipeline.durable import link_or_copy, write_stream
from media_pipeline.errors import SourceMissing
from media_pipeline.models import MediaSource

_PIECE = 1 << 20


def digest_of(file: File) -> tuple[str, int]:
    """SHA-256 and length in bytes of an upload, read in pieces; the file is rewound before and after."""
    digest, length = hashlib.sha256(), 0
    file.open("rb")
    file.seek(0)
    for piece in file.chunks(_PIECE):
        digest.update(piece)
        length += len(piece)
    file.seek(0)
    return digest.hexdigest(), length


def storage_name(sha256: str) -> str:
    """The name an original has in the storage; nothing of the uploader's name goes into a path."""
    return f"originals/{sha256[:2]}/{sha256}"


def _local_path(storage: Storage, name: str) -> Path | None:
    try:
        return Path(storage.path(name))
    except NotImplementedError:
        return None


def store(file: File, sha256: str) -> str:
    """Keep the bytes under their hash, by hard link where the upload is a local file; return the storage name.

    The link outlives the library entry that brought the file, so deleting an entry never breaks a source.

    Raises:
        OSError: the disk is full; nothing half-written stays.
    """
    name = storage_name(sha256)
    target = _local_path(default_storage, name)
    if target is None:
        return name if default_storage.exists(name) else default_storage.save(name, file)
    upload = _upload_path(file)
    if upload is not None:
        link_or_copy(upload, target)
    elif not target.exists():
        write_stream(target, file.chunks(_PIECE))
    return name


def _upload_path(file: File) -> Path | None:
    try:
        named = getattr(file, "path", None) or file.temporary_file_path()  # type: ignore[attr-defined]
    except (AttributeError, NotImplementedError):
        return None
    path = Path(named)
    return path if path.is_file() else None


@contextlib.contextmanager
def local_copy(source: MediaSource, folder: Path) -> Iterator[Path]:
    """A local file with the original's bytes for the time of the block; downloaded where the storage is remote.

    Raises:
        SourceMissing: the storage has lost it.
        OSError: no room for the download.
    """
    path = _local_path(default_storage, source.storage_name)
    if path is not None:
        if not path.is_file():
            raise SourceMissing
        yield path.resolve()
        return
    if not default_storage.exists(source.storage_name):
        raise SourceMissing
    target = folder / "original"
    try:
        with default_storage.open(source.storage_name, "rb") as reader, target.open("wb") as writer:
            shutil.copyfileobj(reader, writer, _PIECE)
        yield target.resolve()
    finally:
        target.unlink(missing_ok=True)
