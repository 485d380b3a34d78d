"""Originals sent by the browser straight to the bucket, part by part; the bytes never pass through a web process.

start → the browser PUTs each part to a signed address → complete: the server reads what arrived, and only when its
SHA-256 is the announced one does it become a source. A ticket, signed by this site, carries the whole state, so that
any web machine goes on with any upload, and after a reload `arrived` says which parts are there.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.core import signing
from django.core.files.storage import default_storage

from accounts.errors import PersonError
from media_pipeline.errors import EmptyFile, MediaError
from media_pipeline.models import MediaSource
from media_pipeline.objects import check_hash
from media_pipeline.objects_s3 import INCOMING, configured_bucket
from media_pipeline.originals import storage_name
from media_pipeline.s3 import Bucket, told

PART_BYTES = 8 << 20
"""One part; a cut line costs no more than this. S3 takes none below 5 MiB."""
MAX_PARTS = 10_000
"""S3's own limit."""
TICKET_S = 6 * 24 * 3600
"""An upload may go on for so long, which is less than upkeep leaves its parts (`objects_s3.ABANDONED_AFTER`)."""
PART_ADDRESS_S = 6 * 3600
"""8 MiB take a quarter of an hour at 64 kbit/s."""
_SALT = "media_pipeline.direct_upload"
_READ = 8 << 20
_HEAD = 512


class DirectUploadUnavailable(MediaError):
    """Objects lie in a folder, or browsers cannot reach the bucket."""

    code = "direct-upload-unavailable"
    http_status = 404
    message_zh = "这里不能直接传到对象存储。请用普通的上传。"
    message_en = "Files can't be sent straight to the object store here. Use the ordinary upload."


class DirectUploadUnknown(MediaError):
    """The ticket is forged, somebody else's or too old, or the upload has ended."""

    code = "direct-upload-unknown"
    http_status = 404
    message_zh = "找不到这个上传，可能已完成、已取消或放置太久。请重新上传这个文件。"
    message_en = "This upload is unknown: ended, cancelled or left for too long. Upload the file again."


class DirectUploadTooLarge(MediaError):
    """More bytes than a person may send."""

    code = "direct-upload-too-large"
    http_status = 413
    message_zh = "文件超过 {limit_gb} GB 的上限。请压缩或分成几段后再上传。"
    message_en = "The file is above the limit of {limit_gb} GB. Compress it or split it."


class DirectUploadIncomplete(MediaError):
    """Parts are missing or too short."""

    code = "direct-upload-incomplete"
    http_status = 409
    message_zh = "文件还没有传完：应为 {length} 字节，收到 {arrived} 字节。请继续上传。"
    message_en = "The file is not complete: {arrived} of {length} bytes have arrived. Go on uploading."


class DirectUploadDamaged(MediaError):
    """What arrived is not what the browser read."""

    code = "direct-upload-damaged"
    http_status = 422
    message_zh = "收到的文件与原文件不一致，可能在途中损坏。请重新上传。"
    message_en = "What arrived differs from the file; it was damaged on the way. Upload it again."


@dataclass(frozen=True, slots=True)
class Ticket:
    """One upload: who sends what where.

    Attributes:
        owner: primary key of the person, as text.
        length: bytes announced.
    """

    owner: str
    name: str
    length: int
    key: str
    upload_id: str

    @property
    def parts(self) -> int:
        """How many parts the file has; all but the last are PART_BYTES long."""
        return math.ceil(self.length / PART_BYTES)

    def part_length(self, number: int) -> int:
        """Bytes of a part, counted from 1."""
        return min(PART_BYTES, self.length - (number - 1) * PART_BYTES)

    def signed(self) -> str:
        """The text that the browser keeps and shows again."""
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


def read_ticket(text: str, *, owner: str) -> Ticket:
    """The upload behind a signed text.

    Raises:
        DirectUploadUnknown: forged, too old, or another person's.
    """
    try:
        ticket = Ticket(**signing.loads(text, salt=_SALT, max_age=TICKET_S))
    except (signing.BadSignature, TypeError) as error:
        raise DirectUploadUnknown from error
    if ticket.owner != owner:
        raise DirectUploadUnknown
    return ticket


class DirectUploads:
    """Uploads into one bucket.

    Args:
        bucket: its public endpoint is where browsers send the parts.
        limit: the most bytes of one file.
        original_parameters: sent along when a verified original is written, for instance its storage class.
    """

    def __init__(self, bucket: Bucket, limit: int, original_parameters: dict[str, str] | None = None) -> None:
        self._bucket = bucket
        self._limit = min(limit, MAX_PARTS * PART_BYTES)
        self._parameters = original_parameters or {}

    def start(self, *, owner: str, name: str, length: int) -> Ticket:
        """Begin an upload of so many bytes.

        Raises:
            DirectUploadUnavailable, EmptyFile, DirectUploadTooLarge: as their names say.
            OSError: the store cannot be reached.
        """
        if not self._bucket.public_endpoint:
            raise DirectUploadUnavailable
        if length <= 0:
            raise EmptyFile
        if length > self._limit:
            raise DirectUploadTooLarge(limit_gb=self._limit >> 30)
        key = f"{INCOMING}direct-{secrets.token_hex(16)}"
        with told(key):
            answer = self._bucket.quick.create_multipart_upload(
                Bucket=self._bucket.name, Key=key, ChecksumAlgorithm="SHA256"
            )
        return Ticket(owner, name[:255], length, key, answer["UploadId"])

    def part_addresses(self, ticket: Ticket, digests: Mapping[int, str]) -> dict[int, str]:
        """Where the browser may PUT these parts, of which it says the SHA-256, each for a few hours.

        It sends the digest along as `x-amz-checksum-sha256`, in base64; the store keeps no part of other bytes.

        Raises:
            DirectUploadUnknown: a number that the file has no part for.
            ValueError: not a SHA-256.
        """
        addresses = {}
        for number, sha256 in digests.items():
            if not 1 <= number <= ticket.parts:
                raise DirectUploadUnknown
            address = self._bucket.signed_part(ticket.key, ticket.upload_id, number, check_hash(sha256), PART_ADDRESS_S)
            if address is None:
                raise DirectUploadUnavailable
            addresses[number] = address
        return addresses

    def arrived(self, ticket: Ticket) -> dict[int, dict[str, str]]:
        """The parts that are there whole, with the store's tag and digest of each; the rest has to be sent (again).

        Raises:
            DirectUploadUnknown: the upload has ended.
            OSError: the store cannot be reached.
        """
        pages = self._bucket.quick.get_paginator("list_parts").paginate(
            Bucket=self._bucket.name, Key=ticket.key, UploadId=ticket.upload_id
        )
        try:
            with told(ticket.key):
                found = [part for page in pages for part in page.get("Parts", ())]
        except FileNotFoundError as error:
            raise DirectUploadUnknown from error
        return {
            part["PartNumber"]: {name: part[name] for name in ("ETag", "ChecksumSHA256") if name in part}
            for part in found
            if part["PartNumber"] <= ticket.parts and part["Size"] == ticket.part_length(part["PartNumber"])
        }

    def complete(
        self, ticket: Ticket, *, sha256: str, check_head: Callable[[bytes], None] = lambda head: None
    ) -> MediaSource:
        """Make a source of what arrived, once it has been read and found to be the announced bytes.

        Reading takes as long as the store sends it: some seconds a gigabyte. A repeated call after a broken answer
        finds the file whole and goes on from there.

        Args:
            check_head: raises where the first 512 bytes are not those of a file that is wanted; nothing stays then.

        Raises:
            DirectUploadIncomplete, DirectUploadDamaged, DirectUploadUnknown: as their names say.
            ValueError: not a SHA-256.
            OSError: the store cannot be reached; ask again.
        """
        check_hash(sha256)
        if self._bucket.length(ticket.key) is None:
            self._join(ticket)
        try:
            check_head(self._bucket.read(ticket.key, 0, min(_HEAD, ticket.length)))
        except PersonError:
            self._bucket.delete(ticket.key)
            raise
        if self._digest(ticket) != sha256:
            self._bucket.delete(ticket.key)
            raise DirectUploadDamaged
        name = storage_name(sha256)
        if self._bucket.length(name) != ticket.length:
            self._bucket.copy(ticket.key, name, **self._parameters)
        source, _created = MediaSource.objects.get_or_create(
            sha256=sha256, defaults={"storage_name": name, "length": ticket.length, "name": ticket.name}
        )
        # What cannot be deleted now is removed by upkeep.
        with suppress(OSError):
            self._bucket.delete(ticket.key)
        return source

    def abort(self, ticket: Ticket) -> None:
        """Give up; nothing of the upload stays.

        Raises:
            OSError: the store cannot be reached; upkeep removes the parts later.
        """
        with suppress(FileNotFoundError), told(ticket.key):
            self._bucket.quick.abort_multipart_upload(
                Bucket=self._bucket.name, Key=ticket.key, UploadId=ticket.upload_id
            )
        self._bucket.delete(ticket.key)

    def _join(self, ticket: Ticket) -> None:
        tags = self.arrived(ticket)
        if len(tags) != ticket.parts:
            there = sum(ticket.part_length(number) for number in tags)
            raise DirectUploadIncomplete(length=ticket.length, arrived=there)
        # The list comes from the store, never from the browser.
        parts = [{"PartNumber": number, **tag} for number, tag in sorted(tags.items())]
        with told(ticket.key):
            self._bucket.patient.complete_multipart_upload(
                Bucket=self._bucket.name,
                Key=ticket.key,
                UploadId=ticket.upload_id,
                MultipartUpload={"Parts": parts},
            )

    def _digest(self, ticket: Ticket) -> str:
        length = self._bucket.length(ticket.key)
        if length != ticket.length:
            raise DirectUploadIncomplete(length=ticket.length, arrived=length or 0)
        digest = hashlib.sha256()
        for piece in self._bucket.pieces(ticket.key, 0, length, _READ):
            digest.update(piece)
        return digest.hexdigest()


def configured_uploads(limit: int) -> DirectUploads:
    """The uploads of this installation, files of at most `limit` bytes.

    Raises:
        DirectUploadUnavailable: originals don't lie in a bucket here.
    """
    class_parameters = getattr(default_storage, "class_parameters", None)
    if class_parameters is None:
        raise DirectUploadUnavailable
    return DirectUploads(configured_bucket(), limit, class_parameters(storage_name("0" * 64)))
