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

from tests.services.processes import accepts, find_program, free_port, running


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


@contextmanager
def s3_store(folder: Path) -> Iterator[S3]:
    """Run the store until the block ends, with one empty bucket."""
    port = free_port()
    data = folder / "data"
    data.mkdir()
    program = find_program("versitygw", str(settings.BASE_DIR / ".venv" / "bin" / "versitygw"))
    store = S3(f"http://127.0.0.1:{port}", "tester", secrets.token_hex(16), "lectures")
    command = [program, "--port", f"127.0.0.1:{port}", "posix", "--sidecar", str(_made(folder / "metadata")), str(data)]
    keys = {"ROOT_ACCESS_KEY": store.access_key, "ROOT_SECRET_KEY": store.secret_key}
    with running(command, ready=lambda: accepts(port), log=folder / "log", env=keys):
        boto3.client(
            "s3", endpoint_url=store.endpoint, aws_access_key_id=store.access_key,
            aws_secret_access_key=store.secret_key, region_name="us-east-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        ).create_bucket(Bucket=store.bucket)  # fmt: skip
        yield store


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
