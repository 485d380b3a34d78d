"""A private S3 store: versitygw, which checks signatures, over a folder."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from django.conf import settings

from tests.services.processes import KillableServer, accepts, find_program


@dataclass(frozen=True)
class S3:
    """How to reach the store."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str

    def options(self, **changed: object) -> dict[str, object]:
        """Options of django-storages' S3 backend, as config.settings.production gives them."""
        return {
            "bucket_name": self.bucket,
            "endpoint_url": self.endpoint,
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "region_name": "us-east-1",
            "addressing_style": "path",
            "signature_version": "s3v4",
            "file_overwrite": False,
            "default_acl": None,
            **changed,
        }


class S3Server(KillableServer):
    """A store over a folder, that can be killed and started again on the same address."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.store = S3(f"http://127.0.0.1:{self._port}", "tester", secrets.token_hex(16), "lectures")
        for name in ("data", "metadata"):
            (folder / name).mkdir()

    def start(self) -> None:
        """Run it, and come back when it listens."""
        program = find_program("versitygw", str(settings.BASE_DIR / ".venv" / "bin" / "versitygw"))
        sidecar, data = str(self._folder / "metadata"), str(self._folder / "data")
        command = [program, "--port", f"127.0.0.1:{self._port}", "posix", "--sidecar", sidecar, data]
        keys = {"ROOT_ACCESS_KEY": self.store.access_key, "ROOT_SECRET_KEY": self.store.secret_key}
        self._run(command, ready=lambda: accepts(self._port), env=keys)

    def make_bucket(self) -> None:
        """An empty bucket."""
        boto3.client(
            "s3", endpoint_url=self.store.endpoint, aws_access_key_id=self.store.access_key,
            aws_secret_access_key=self.store.secret_key, region_name="us-east-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        ).create_bucket(Bucket=self.store.bucket)  # fmt: skip


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Run a store with one empty bucket until the block ends."""
    server = S3Server(folder)
    server.start()
    try:
        server.make_bucket()
        yield server
    finally:
        server.stop()


@contextmanager
def s3_store(folder: Path) -> Iterator[S3]:
    """The same, for those who only use it."""
    with s3_server(folder) as server:
        yield server.store
