"""The words of the tus 1.0.0 protocol (https://tus.io/protocols/resumable-upload): its headers, read and written. Pure.

Extensions: creation, creation-with-upload, expiration, checksum (sha1, sha256), termination.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from email.utils import formatdate

from accounts.parameters import whole_number
from cms.lessons.errors import ChecksumUnknown, UploadUnreadable

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
CHECKSUMS = ("sha256", "sha1")
PIECE_TYPE = "application/offset+octet-stream"
LONGEST_METADATA = 16 * 1024
"""Characters of an Upload-Metadata header."""
LARGEST = 1 << 62
"""Bytes; more is no number of a file's length, whatever the limit of this site."""

_KEY = re.compile(r"[!-+\--~]{1,100}")
"""Visible ASCII without comma and space (Creation, Upload-Metadata)."""


@dataclass(frozen=True)
class Checksum:
    """What a piece is said to hash to."""

    algorithm: str
    digest: bytes

    def fits(self, piece: bytes) -> bool:
        """Whether the piece arrived as it was sent."""
        return hmac.compare_digest(hashlib.new(self.algorithm, piece).digest(), self.digest)


def checksum(header: str | None) -> Checksum | None:
    """`Upload-Checksum: sha256 <base64>`; None where none was sent.

    Raises:
        ChecksumUnknown: another algorithm, or a digest that is none.
    """
    if header is None:
        return None
    algorithm, _, encoded = header.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise ChecksumUnknown(known=", ".join(CHECKSUMS))
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (ValueError, binascii.Error) as error:
        raise ChecksumUnknown(known=", ".join(CHECKSUMS)) from error
    if len(digest) != hashlib.new(algorithm).digest_size:
        raise ChecksumUnknown(known=", ".join(CHECKSUMS))
    return Checksum(algorithm, digest)


def metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata: filename <base64>,is_draft`: key and value pairs; a value may be missing.

    Raises:
        UploadUnreadable: too long, a key twice, or not Base64.
    """
    if len(header) > LONGEST_METADATA:
        raise UploadUnreadable
    found: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, encoded = pair.partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise UploadUnreadable
        try:
            found[key] = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
        except (ValueError, binascii.Error) as error:
            raise UploadUnreadable from error
    return found


def number(header: str | None) -> int | None:
    """A length or an offset; None for what is no non-negative whole number."""
    return whole_number(header or "", at_most=LARGEST)


def expires(at_s: float) -> str:
    """`Upload-Expires`, in the form of RFC 9110 §5.6.7."""
    return formatdate(at_s, usegmt=True)
