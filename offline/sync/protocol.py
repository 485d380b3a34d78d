"""The record chain and the bundle that carries a piece of it (docs/spec/record-sync.md).

Pure rules: no Django, no clock, no storage. The same code serves the server, the command line and the tests, and
`tests/conformance/vectors/record-chain.json` holds both this module and the browser's to the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from offline.canonical import canonical_json, strict_json
from offline.sync.errors import (
    BundleMalformed,
    BundleTooLarge,
    BundleVersionUnknown,
    ChainBroken,
    SignatureInvalid,
)

SPEC_VERSION = "1.0"
"""Version of docs/spec/record-sync.md that this module implements."""

BUNDLE_VERSION = 1
MAX_BUNDLE_BYTES = 256 * 1024
"""Compressed (§3.4)."""
MAX_INFLATED_BYTES = 4 * 1024 * 1024
MAX_LINE_BYTES = 16 * 1024
MAX_HEADER_BYTES = 1024
MAX_LINES = 20_000
MAX_SEQUENCE = 2**53 - 1
"""The largest whole number that a browser counts exactly."""

CHAIN_DOMAIN = b"gyxf-chain-v1\n"
BUNDLE_DOMAIN = b"gyxf-bundle-v1\n"
DEVICE_DOMAIN = b"gyxf-device-v1\n"

_HEX_HASH = re.compile(r"[0-9a-f]{64}")
_HEX_SIGNATURE = re.compile(rb"[0-9a-f]{128}")
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """What a bundle says of itself (§3.2). `prev` and `head` are chain hashes in hex."""

    device: UUID
    epoch: UUID
    first: int
    count: int
    prev: str
    head: str

    @property
    def last(self) -> int:
        """Sequence number of the last line."""
        return self.first + self.count - 1

    def as_bytes(self) -> bytes:
        """The canonical JSON that is signed."""
        return canonical_json(
            {
                "v": BUNDLE_VERSION,
                "device": str(self.device),
                "epoch": str(self.epoch),
                "first": self.first,
                "count": self.count,
                "prev": self.prev,
                "head": self.head,
            }
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """A parsed bundle; nothing in it is believed before `verify_bundle` has returned."""

    header: BundleHeader
    header_bytes: bytes
    lines: tuple[bytes, ...]
    signature: bytes


def chain_start(device: UUID, epoch: UUID) -> bytes:
    """h_0 of a device's epoch (§2.2), 32 bytes."""
    return hashlib.sha256(CHAIN_DOMAIN + f"{device}\n{epoch}".encode()).digest()


def chain_next(previous: bytes, line: bytes) -> bytes:
    """h_n = SHA-256(h_{n-1} ‖ line_n) (§2.3)."""
    return hashlib.sha256(previous + line).digest()


def chain_heads(previous: bytes, lines: Iterable[bytes]) -> list[bytes]:
    """The chain hash after every line, in order."""
    heads: list[bytes] = []
    for line in lines:
        previous = chain_next(previous, line)
        heads.append(previous)
    return heads


def device_proof_message(challenge: str) -> bytes:
    """What a device signs to show that it holds its private key (§1.3)."""
    return DEVICE_DOMAIN + challenge.encode()


def verify_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `message`; never raises for a malformed key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def pack_bundle(
    *,
    device: UUID,
    epoch: UUID,
    first: int,
    previous: bytes,
    lines: Sequence[bytes],
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Make the bundle of `lines`, whose chain hash before the first is `previous`; `sign` holds the device's key.

    Raises BundleTooLarge or BundleMalformed for what no server would take: split the range and pack each part.
    """
    _check_lines(lines)
    header = BundleHeader(
        device=device,
        epoch=epoch,
        first=first,
        count=len(lines),
        prev=previous.hex(),
        head=chain_heads(previous, lines)[-1].hex(),
    )
    header_bytes = header.as_bytes()
    signature = sign(BUNDLE_DOMAIN + header_bytes)
    plain = b"\n".join([header_bytes, *lines, signature.hex().encode(), b""])
    if len(plain) > MAX_INFLATED_BYTES:
        raise BundleTooLarge(limit=MAX_INFLATED_BYTES)
    body = gzip.compress(plain, compresslevel=9, mtime=0)
    if len(body) > MAX_BUNDLE_BYTES:
        raise BundleTooLarge(limit=MAX_BUNDLE_BYTES)
    return body


def parse_bundle(body: bytes) -> Bundle:
    """Take a bundle apart within the limits of §3.4; its signature and chain are not looked at yet.

    Raises BundleTooLarge, BundleMalformed or BundleVersionUnknown.
    """
    plain = _inflate(body)
    parts = plain.split(b"\n", MAX_LINES + 3)
    if len(parts) < 4 or parts[-1] != b"":
        raise BundleMalformed(detail="end")
    header_bytes, *lines, signature_hex, _ = parts
    if not _HEX_SIGNATURE.fullmatch(signature_hex):
        raise BundleMalformed(detail="signature")
    header = _parse_header(header_bytes)
    _check_lines(lines)
    if header.count != len(lines):
        raise BundleMalformed(detail="count")
    return Bundle(header, header_bytes, tuple(lines), bytes.fromhex(signature_hex.decode()))


def verify_bundle(bundle: Bundle, public_key: bytes) -> list[bytes]:
    """Check the device's signature, then that the lines lead from `prev` to `head` (§3.3).

    Returns the chain hash after each line. Raises SignatureInvalid or ChainBroken.
    """
    if not verify_signature(public_key, bundle.signature, BUNDLE_DOMAIN + bundle.header_bytes):
        raise SignatureInvalid
    header = bundle.header
    if header.first == 1 and header.prev != chain_start(header.device, header.epoch).hex():
        raise ChainBroken
    heads = chain_heads(bytes.fromhex(header.prev), bundle.lines)
    if heads[-1].hex() != header.head:
        raise ChainBroken
    return heads


def _inflate(body: bytes) -> bytes:
    """One gzip member, bounded before and after; what follows the member is refused."""
    if len(body) > MAX_BUNDLE_BYTES:
        raise BundleTooLarge(limit=MAX_BUNDLE_BYTES)
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = inflater.decompress(body, MAX_INFLATED_BYTES + 1)
    except zlib.error as error:
        raise BundleMalformed(detail="gzip") from error
    if len(plain) > MAX_INFLATED_BYTES:
        raise BundleTooLarge(limit=MAX_INFLATED_BYTES)
    if not inflater.eof or inflater.unused_data:
        raise BundleMalformed(detail="gzip")
    return plain


def _check_lines(lines: Sequence[bytes]) -> None:
    if not lines or len(lines) > MAX_LINES:
        raise BundleMalformed(detail="count")
    for line in lines:
        if len(line) > MAX_LINE_BYTES:
            raise BundleTooLarge(limit=MAX_LINE_BYTES)
        if not line or b"\n" in line:
            raise BundleMalformed(detail="line")


def _parse_header(data: bytes) -> BundleHeader:
    if len(data) > MAX_HEADER_BYTES:
        raise BundleTooLarge(limit=MAX_HEADER_BYTES)
    try:
        document = strict_json(data)
    except ValueError as error:
        raise BundleMalformed(detail="header") from error
    if not isinstance(document, dict):
        raise BundleMalformed(detail="header")
    if document.get("v") != BUNDLE_VERSION:
        raise BundleVersionUnknown(version=str(document.get("v"))[:20])
    try:
        header = BundleHeader(
            device=_uuid(document["device"]),
            epoch=_uuid(document["epoch"]),
            first=_whole(document["first"]),
            count=_whole(document["count"]),
            prev=_hash(document["prev"]),
            head=_hash(document["head"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BundleMalformed(detail="header") from error
    if header.last > MAX_SEQUENCE:
        raise BundleMalformed(detail="first")
    return header


def _uuid(value: Any) -> UUID:
    parsed = UUID(value)
    if str(parsed) != value:
        raise ValueError("a UUID is lower-case with dashes")
    return parsed


def _whole(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MAX_SEQUENCE:
        raise ValueError("not a sequence number")
    return value


def _hash(value: Any) -> str:
    if not isinstance(value, str) or not _HEX_HASH.fullmatch(value):
        raise ValueError("not a SHA-256 in lower-case hex")
    return value
