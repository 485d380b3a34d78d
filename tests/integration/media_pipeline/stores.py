"""Stores and trees for tests, in a folder and in a bucket of a real S3 server."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

import boto3
from botocore.config import Config
from storages.backends.s3 import S3Storage

from media_pipeline.disk_cache import DiskCache
from media_pipeline.objects import FolderStore, ObjectStore
from media_pipeline.objects_s3 import S3Store, object_key
from media_pipeline.s3 import Bucket
from tests.services.s3 import S3


def raw_client(s3: S3):
    """A plain client, to look at the store from outside."""
    return boto3.client(
        "s3", endpoint_url=s3.endpoint, aws_access_key_id=s3.access_key, aws_secret_access_key=s3.secret_key,
        region_name="us-east-1", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )  # fmt: skip


def fresh_bucket(s3: S3) -> S3:
    """An empty bucket of its own for one test."""
    own = replace(s3, bucket=f"test-{secrets.token_hex(6)}")
    raw_client(own).create_bucket(Bucket=own.bucket)
    return own


def bucket_store(s3: S3, folder: Path, *, cache_bytes: int = 1 << 30, public: bool = False) -> S3Store:
    """A store over the bucket, with its cache in the folder."""
    bucket = Bucket(S3Storage(**s3.options()), s3.endpoint if public else "")
    return S3Store(bucket, DiskCache(folder / "cache", cache_bytes))


def make_store(kind: str, s3: S3, folder: Path) -> ObjectStore:
    """An empty store of either kind."""
    return FolderStore(folder / "objects") if kind == "folder" else bucket_store(fresh_bucket(s3), folder)


def damage(store: ObjectStore, sha256: str) -> None:
    """Change one bit in the midst of an object, as a failing disk does."""
    with store.open(sha256) as reader:
        content = bytearray(reader.read())
    content[len(content) // 2] ^= 1
    if isinstance(store, FolderStore):
        store.path(sha256).write_bytes(content)
    elif isinstance(store, S3Store):
        store.bucket.put(object_key(sha256), bytes(content))
