"""Checks on a file before and while it is uploaded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File

from cms.core import sniff
from cms.core.errors import EmptyUpload, NoRoomForUpload, NotARecording, UploadTooLarge

RESERVE_BYTES = 512 << 20
"""Room that an upload must leave: the database, logs and a running transcode need some."""


def gigabytes(length: int) -> str:
    """Bytes as decimal gigabytes for a message."""
    return f"{length / 1e9:.1f}"


def limit_bytes() -> int:
    """The largest upload that is accepted."""
    return int(getattr(settings, "MAX_UPLOAD_BYTES", 20 << 30))


def free_bytes() -> int:
    """Free bytes where uploads go."""
    return shutil.disk_usage(Path(settings.STATE_DIR)).free


def check_size(length: int, *, free: int | None = None) -> None:
    """Refuse what cannot be taken, before a byte of it is sent.

    Raises:
        EmptyUpload, UploadTooLarge, NoRoomForUpload
    """
    if length <= 0:
        raise EmptyUpload
    if length > limit_bytes():
        raise UploadTooLarge(size_gb=gigabytes(length), limit_gb=gigabytes(limit_bytes()))
    left = free_bytes() if free is None else free
    if length + RESERVE_BYTES > left:
        raise NoRoomForUpload(needed_gb=gigabytes(length + RESERVE_BYTES), free_gb=gigabytes(left))


def check_head(head: bytes, *, name: str) -> None:
    """Refuse what cannot be a recording by its first bytes.

    Raises:
        NotARecording
    """
    if sniff.container_of(head) is None:
        raise NotARecording(name=name[:80])


def check_file(file: File[Any]) -> None:
    """Both checks on a file that has arrived; leaves it at its start.

    Raises:
        EmptyUpload, UploadTooLarge, NotARecording
    """
    if not file.size:
        raise EmptyUpload
    if file.size > limit_bytes():
        raise UploadTooLarge(size_gb=gigabytes(file.size), limit_gb=gigabytes(limit_bytes()))
    file.seek(0)
    head = file.read(sniff.HEAD_BYTES)
    file.seek(0)
    check_head(head, name=str(file.name or ""))
