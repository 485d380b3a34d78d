"""Columns that lie encrypted in the database (domain.md §2: sensitive columns encrypted)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

KEY_FILE = "columns.key"


def _keys(folder: Path) -> list[bytes]:
    """The keys, newest first, one a line; made on first use, readable by its owner alone."""
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _keys(folder)
        with os.fdopen(handle, "wb") as writer:
            writer.write(Fernet.generate_key() + b"\n")
            writer.flush()
            os.fsync(writer.fileno())
    return [line for line in path.read_bytes().splitlines() if line]


def cipher() -> MultiFernet:
    """Encrypts with the newest key, decrypts with any (a key is replaced by a line above the old one)."""
    return MultiFernet([Fernet(key) for key in _keys(Path(settings.KEYS_DIR))])


class EncryptedTextField(models.TextField):
    """Text that the database only sees encrypted (Fernet: AES-128-CBC with HMAC-SHA-256)."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared if not prepared else cipher().encrypt(prepared.encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """The plain text; empty where the key it was written with is gone."""
        if not value:
            return value
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            return ""
