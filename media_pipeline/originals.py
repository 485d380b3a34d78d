"""Stored originals: one private file a source, kept whatever becomes of its transcode."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import Storage, default_storage, storages
from storages.backends.s3 import S3Storage

from media_pipeline.durable import link_or_copy, write_stream
from media_pipeline.errors import SourceMissing
from media_pipeline.models import MediaSource
from media_pipeline.objects import StoreDamaged
from media_pipeline.s3 import bucket_of, parts_of

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
        return _store_remote(file, name, sha256)
    upload = _upload_path(file)
    if upload is not None:
        link_or_copy(upload, target)
    elif not target.exists():
        write_stream(target, file.chunks(_PIECE))
    return name


def _remote() -> S3Storage | None:
    storage = storages["default"]
    return storage if isinstance(storage, S3Storage) else None


def _store_remote(file: File, name: str, sha256: str) -> str:
    """Where the upload lies in the same bucket the store copies it by itself; else it is sent, and checked as sent."""
    storage = _remote()
    if storage is None:
        return name if default_storage.exists(name) else default_storage.save(name, file)
    bucket = bucket_of(storage)
    if bucket.length(name) is None:
        parameters = storage.get_object_parameters(name)
        stored = getattr(file, "name", None) if getattr(file, "storage", None) is not None else None
        if stored and bucket.length(stored) is not None:
            bucket.copy(stored, name, **parameters)
        else:
            file.seek(0)
            bucket.put_parts(name, parts_of(file), expect=sha256, **parameters)
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
        OSError: no room for the download, the store is away, or its bytes are others than they were.
    """
    path = _local_path(default_storage, source.storage_name)
    if path is not None:
        if not path.is_file():
            raise SourceMissing
        yield path.resolve()
        return
    target = folder / "original"
    try:
        _download(source, target)
        yield target.resolve()
    finally:
        target.unlink(missing_ok=True)


def _download(source: MediaSource, target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as writer:
        for piece in _remote_pieces(source.storage_name):
            digest.update(piece)
            writer.write(piece)
    if digest.hexdigest() != source.sha256:
        raise StoreDamaged(f"{source.storage_name} is not what its name says")


def _remote_pieces(name: str) -> Iterator[bytes]:
    storage = _remote()
    if storage is None:
        if not default_storage.exists(name):
            raise SourceMissing
        with default_storage.open(name, "rb") as reader:
            yield from reader.chunks(_PIECE)
        return
    bucket = bucket_of(storage)
    length = bucket.length(name)
    if length is None:
        raise SourceMissing
    # By ranges: django-storages' own file would take the whole original into memory.
    yield from bucket.pieces(name, 0, length)
