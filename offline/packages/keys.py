"""Signing keys as files: one PEM a key, mode 0600, in a folder of mode 0700 (docs/spec/offline-package.md §4.3)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, SSlibKey

from media_pipeline.durable import commit, temporary_beside
from offline.packages.errors import SigningKeyMissing


class KeyFolder:
    """The keys of a repository that this machine holds; those kept offline are simply not here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def publisher_lock(self) -> Iterator[None]:
        """Wait until nobody else publishes, then keep others waiting (§4.1); a killed holder frees it."""
        self._make_folder()
        descriptor = os.open(self.folder / "publisher.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def load(self, role: str) -> list[CryptoSigner]:
        """The role's signers, in order of their files.

        Raises SigningKeyMissing for a file that holds no usable key.
        """
        return [self._read(path, role) for path in sorted(self.folder.glob(f"{role}.*.pem"))]

    def load_or_create(self, role: str, count: int) -> list[CryptoSigner]:
        """The role's signers, made on first use up to `count`. Call it under the publisher's lock."""
        self._make_folder()
        signers = self.load(role)
        for number in range(len(signers) + 1, count + 1):
            signer = CryptoSigner.generate_ed25519()
            self._write(self.folder / f"{role}.{number}.pem", signer.private_bytes)
            signers.append(signer)
        return signers

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @staticmethod
    def _read(path: Path, role: str) -> CryptoSigner:
        try:
            private_key = load_pem_private_key(path.read_bytes(), None)
            public_key = SSlibKey.from_crypto(private_key.public_key(), scheme="ed25519")
            return CryptoSigner(private_key, public_key)
        except (OSError, ValueError, TypeError) as error:
            raise SigningKeyMissing(role=role) from error

    @staticmethod
    def _write(path: Path, pem: bytes) -> None:
        temporary = temporary_beside(path)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as writer:
                writer.write(pem)
                writer.flush()
                os.fsync(writer.fileno())
            commit(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
