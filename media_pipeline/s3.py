"""One bucket, spoken to through django-storages' S3 backend: ranges, parts, copies; errors as OSError."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from media_pipeline.objects import StoreDamaged

logger = logging.getLogger(__name__)

PART_BYTES = 8 << 20
"""Size of an uploaded part, and so the memory an upload takes; S3 allows 10,000 parts, hence 80 GB."""
READ_AGAIN = 3
"""How often a range is asked for when answers are cut."""
_QUICK = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}, max_pool_connections=32
)
_PATIENT = Config(
    connect_timeout=5, read_timeout=120, retries={"mode": "standard", "total_max_attempts": 12}, max_pool_connections=16
)
"""For uploads: a store that is restarted (about a minute) costs time, not the upload."""
LARGEST_COPY = 4 << 30
"""What one request may copy (S3: 5 GiB); larger ones are copied part by part."""
_COPY = TransferConfig(multipart_threshold=LARGEST_COPY, multipart_chunksize=1 << 30, use_threads=False)


class StoreUnavailable(OSError):
    """The object store does not answer, or refuses; what was asked can be tried again."""


class Readable(Protocol):
    """Something to read bytes from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, its length in bytes and when it was written."""

    key: str
    length: int
    modified: datetime


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn what boto3 raises into FileNotFoundError or StoreUnavailable."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}:
            raise FileNotFoundError(f"{what}: not in the bucket") from error
        raise StoreUnavailable(f"{what}: {code}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"{what}: {type(error).__name__}") from error


class Bucket:
    """The bucket of a configured storage.

    Args:
        storage: says where it is and with which keys.
        public_endpoint: where browsers reach the same store; signed addresses need it. Empty: they can't.
    """

    def __init__(self, storage: S3Storage, public_endpoint: str = "") -> None:
        self.name = str(storage.bucket_name)
        self.public_endpoint = public_endpoint
        self._storage = storage
        self.quick = self._client(str(storage.endpoint_url), _QUICK)
        self.patient = self._client(str(storage.endpoint_url), _PATIENT)
        self._public = self._client(public_endpoint, _QUICK) if public_endpoint else None

    def _client(self, endpoint: str, config: Config) -> Any:
        storage = self._storage
        session = boto3.session.Session(
            aws_access_key_id=storage.access_key,
            aws_secret_access_key=storage.secret_key,
            aws_session_token=storage.security_token,
        )
        return session.client(
            "s3",
            region_name=storage.region_name,
            use_ssl=storage.use_ssl,
            endpoint_url=endpoint,
            config=storage.client_config.merge(config),
            verify=storage.verify,
        )

    def length(self, key: str) -> int | None:
        """Bytes of the object, or None where there is none.

        Raises StoreUnavailable.
        """
        with suppress(FileNotFoundError), told(key):
            return int(self.quick.head_object(Bucket=self.name, Key=key)["ContentLength"])
        return None

    def read(self, key: str, start: int, length: int) -> bytes:
        """Bytes of the object from `start` on; asked for again when an answer is cut.

        Raises FileNotFoundError or StoreUnavailable.
        """
        if length <= 0:
            return b""
        for attempt in range(1, READ_AGAIN + 1):
            try:
                with told(key):
                    answer = self.quick.get_object(
                        Bucket=self.name, Key=key, Range=f"bytes={start}-{start + length - 1}"
                    )
                    with answer["Body"] as body:
                        return bytes(body.read())
            except StoreUnavailable:
                if attempt == READ_AGAIN:
                    raise
        raise StoreUnavailable(key)

    def pieces(self, key: str, start: int, length: int, piece: int = PART_BYTES) -> Iterator[bytes]:
        """The same in pieces; between two of them no connection is held.

        Raises FileNotFoundError or StoreUnavailable; the latter also for an object that ends too early.
        """
        end = start + length
        while start < end:
            content = self.read(key, start, min(piece, end - start))
            if not content:
                raise StoreUnavailable(f"{key}: shorter than announced")
            yield content
            start += len(content)

    def put(self, key: str, content: bytes, **parameters: str) -> None:
        """Store a small object.

        Raises StoreUnavailable.
        """
        with told(key):
            self.patient.put_object(Bucket=self.name, Key=key, Body=content, **parameters)

    def put_parts(self, key: str, parts: Iterable[bytes], *, expect: str | None = None, **parameters: str) -> str:
        """Store a large object part by part and return its SHA-256; it can be seen only once it is whole.

        Args:
            expect: the SHA-256 that has to come out.

        Raises StoreDamaged or StoreUnavailable; nothing can be seen then. Parts that a dead store or a killed client
        leaves lying are removed by `abort_abandoned`.
        """
        digest, sent = hashlib.sha256(), []
        with told(key):
            upload = self.patient.create_multipart_upload(Bucket=self.name, Key=key, **parameters)["UploadId"]
        place = {"Bucket": self.name, "Key": key, "UploadId": upload}
        try:
            for number, part in enumerate(parts, 1):
                digest.update(part)
                with told(key):
                    etag = self.patient.upload_part(**place, PartNumber=number, Body=part)["ETag"]
                sent.append({"PartNumber": number, "ETag": etag})
            if expect is not None and digest.hexdigest() != expect:
                raise StoreDamaged(f"{key}: read as {digest.hexdigest()}")
            with told(key):
                self.patient.complete_multipart_upload(**place, MultipartUpload={"Parts": sent})
        except BaseException:
            with suppress(OSError), told(key):
                self.quick.abort_multipart_upload(**place)
            raise
        return digest.hexdigest()

    def copy(self, source: str, target: str, **parameters: str) -> None:
        """Copy inside the store; the target appears whole or not at all.

        Raises FileNotFoundError or StoreUnavailable.
        """
        extra: dict[str, Any] = {"MetadataDirective": "REPLACE", **parameters}
        place = {"CopySource": {"Bucket": self.name, "Key": source}, "Bucket": self.name, "Key": target}
        length = self.length(source)
        if length is None:
            raise FileNotFoundError(f"{source}: not in the bucket")
        with told(source):
            if length < LARGEST_COPY:
                self.patient.copy_object(**place, **extra)
            else:
                self.patient.copy(**place, ExtraArgs=extra, Config=_COPY)

    def delete(self, *keys: str) -> None:
        """Remove the objects that are here.

        Raises StoreUnavailable.
        """
        for key in keys:
            with suppress(FileNotFoundError), told(key):
                self.quick.delete_object(Bucket=self.name, Key=key)

    def entries(self, prefix: str) -> Iterator[Entry]:
        """Everything below the prefix.

        Raises StoreUnavailable.
        """
        pages = self.quick.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        with told(prefix):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield Entry(found["Key"], int(found["Size"]), found["LastModified"])

    def signed_get(self, key: str, media_type: str, seconds: int) -> str | None:
        """An address of the object for a browser, or None where browsers can't reach the store."""
        if self._public is None:
            return None
        parameters = {
            "Bucket": self.name,
            "Key": key,
            "ResponseContentType": media_type,
            "ResponseCacheControl": f"private, max-age={seconds}",
        }
        return str(self._public.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds))

    def signed_part(self, key: str, upload_id: str, number: int, sha256: str, seconds: int) -> str | None:
        """An address to which a browser may PUT one part with that digest, or None as `signed_get`.

        The digest is a signed header: without it some stores take a part that was cut for a whole one.
        """
        if self._public is None:
            return None
        parameters = {
            "Bucket": self.name,
            "Key": key,
            "UploadId": upload_id,
            "PartNumber": number,
            "ChecksumSHA256": base64.b64encode(bytes.fromhex(sha256)).decode(),
        }
        return str(self._public.generate_presigned_url("upload_part", Params=parameters, ExpiresIn=seconds))

    def abort_abandoned(self, before: datetime) -> int:
        """Remove the parts of uploads that were begun before and never ended; returns how many uploads.

        Raises StoreUnavailable.
        """
        aborted = 0
        with told("uploads"):
            pages = self.quick.get_paginator("list_multipart_uploads").paginate(Bucket=self.name)
            found = [upload for page in pages for upload in page.get("Uploads", ())]
        for upload in found:
            if upload["Initiated"] < before:
                with suppress(FileNotFoundError), told(upload["Key"]):
                    self.quick.abort_multipart_upload(Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"])
                aborted += 1
        return aborted


def parts_of(reader: Readable) -> Iterator[bytes]:
    """The rest of the reader in parts of PART_BYTES, however little it gives at a time."""
    while True:
        part = bytearray()
        while len(part) < PART_BYTES and (piece := reader.read(PART_BYTES - len(part))):
            part += piece
        if part:
            yield bytes(part)
        if len(part) < PART_BYTES:
            return


@lru_cache(maxsize=4)
def bucket_of(storage: S3Storage, public_endpoint: str = "") -> Bucket:
    """The bucket of a storage, with its connections; the same one for the same storage."""
    return Bucket(storage, public_endpoint)
