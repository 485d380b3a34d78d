"""Columns that lie encrypted in the database (domain.md §2: sensitive columns encrypted)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from cms.teachers.errors import ColumnKeyDamaged, ColumnUnreadable
from media_pipeline.durable import fsync_folder, temporary_beside

KEY_FILE = "columns.key"


class Unreadable(str):
    """What stands in for a text whose key is gone: says so where it is shown, and is saved as it lay there."""

    __slots__ = ("stored",)
    stored: str

    @classmethod
    def of(cls, stored: str) -> Unreadable:
        """The stand-in for this encrypted text."""
        made = cls(_("（读不出：缺少密钥）"))
        made.stored = stored
        return made


def _key_file() -> Path:
    return Path(settings.KEYS_DIR) / KEY_FILE


def _read(path: Path) -> list[bytes]:
    """The keys, newest first, one a line; none where there is no file."""
    try:
        return [line for line in path.read_bytes().splitlines() if line]
    except FileNotFoundError:
        return []


def _make(path: Path) -> None:
    """Make the first key, readable by its owner alone; the file appears whole, and one that is there stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writer:
            writer.write(Fernet.generate_key() + b"\n")
            writer.flush()
            os.fsync(writer.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return  # Another process was first: its key is the one.
        fsync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _cipher(path: Path) -> MultiFernet:
    """Encrypts with the newest key, decrypts with any (a key is replaced by a line above the old one).

    Raises:
        ValueError: there is no usable key.
    """
    return MultiFernet([Fernet(key) for key in _read(path)])


class EncryptedTextField(models.TextField):
    """Text that the database only sees encrypted (Fernet: AES-128-CBC with HMAC-SHA-256).

    Without its key a text is an `Unreadable`: a form or an export of it raises ColumnUnreadable, and a row that is
    saved keeps it as it was.
    """

    def get_prep_value(self, value: Any) -> Any:
        """The encrypted text.

        Raises:
            ColumnKeyDamaged: the key file holds no usable key.
        """
        if isinstance(value, Unreadable):
            return value.stored
        prepared = super().get_prep_value(value)
        if not prepared:
            return prepared
        path = _key_file()
        if not path.exists():
            _make(path)
        try:
            return _cipher(path).encrypt(prepared.encode()).decode()
        except ValueError as error:
            raise ColumnKeyDamaged(file=KEY_FILE) from error

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """The plain text, or an `Unreadable` where the key it was written with is gone."""
        if not value:
            return value
        try:
            return _cipher(_key_file()).decrypt(value.encode()).decode()
        except (InvalidToken, ValueError):
            return Unreadable.of(value)

    def value_from_object(self, obj: models.Model) -> Any:
        """What a form or an export gets.

        Raises:
            ColumnUnreadable: it would hand on, and store again, what only stands in for the text.
        """
        value = super().value_from_object(obj)
        if isinstance(value, Unreadable):
            raise ColumnUnreadable(file=KEY_FILE)
        return value
