"""Write the vectors that hold the Python and the JavaScript implementation to the same bytes.

Run `python -m tests.conformance.make_vectors`; the file is committed, and a test checks that it has not drifted.
Everything is derived from fixed values: two runs give the same file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from media_pipeline import deck
from offline.canonical import canonical_json
from offline.packages import rules
from offline.packages.manifest import Item, LessonManifest
from offline.sync import protocol

FOLDER = Path(__file__).parent / "vectors"
PATH = FOLDER / "record-chain.json"
ITEMS_PATH = FOLDER / "package-items.json"
SEED = hashlib.sha256(b"gyxf test vector device key").digest()
DEVICE = UUID("3b0f1f5e-6d0a-4f3c-9a63-0f6f3f0a7c11")
EPOCH = UUID("b2c6a7e4-52f5-4a8e-8a0e-1f1f8c3d2b10")
MEMBER = "7d1f6a52-90c3-4d57-8f0b-52f4b2a9f0ce"
LESSON = "5a9cfd7c-0f5e-4c52-9d7e-3f0b6d6a1e01"
QUIZ = "c1de0f7a-2f4b-4a56-b8e8-6d4a3c2b1a02"
REVISION = hashlib.sha256(b"revision").hexdigest()


def statement(sequence: int, verb: str, material: str, result: dict[str, Any]) -> bytes:
    """One record line as docs/spec/record-sync.md §2.1 has it."""
    return canonical_json(
        {
            "id": f"0193a3c0-0000-7000-8000-{sequence:012d}",
            "actor": {"account": {"homePage": "urn:gyxf", "name": MEMBER}},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": {"id": f"urn:uuid:{material}"},
            "result": result,
            "timestamp": f"2026-01-{sequence:02d}T08:00:00.000Z",
            "context": {
                "extensions": {
                    "urn:gyxf:seq": sequence,
                    "urn:gyxf:mono_ms": sequence * 1000,
                    "urn:gyxf:revision": REVISION,
                }
            },
        }
    )


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def tiny_segment(sequence: int, decode_time: int, *, wide: bool, data: bytes) -> bytes:
    """moof + mdat; `wide` writes a version 1 `tfdt` (64-bit time)."""
    time = struct.pack(">BxxxQ", 1, decode_time) if wide else struct.pack(">BxxxI", 0, decode_time)
    traf = box(b"tfhd", struct.pack(">II", 0x020000, 1)) + box(b"tfdt", time)
    traf += box(b"trun", struct.pack(">IIII", 0x000201, 1, 96, len(data)))
    moof = box(b"moof", box(b"mfhd", struct.pack(">II", 0, sequence)) + box(b"traf", traf))
    return moof + box(b"mdat", data)


def index_vector() -> dict[str, Any]:
    """A tiny fragmented file and its segment index; the second and third segment differ in time only."""
    init = box(b"ftyp", b"iso6\x00\x00\x00\x00iso6dash") + box(b"moov", box(b"mvhd", bytes(100)))
    init += box(b"sidx", bytes(24))
    times = [(1, 0, False, b"first"), (2, 2000, False, b"again"), (3, 2**33, True, b"wide"), (9, 7, False, b"again")]
    segments = [tiny_segment(number, time, wide=wide, data=data) for number, time, wide, data in times]
    zeroed = [tiny_segment(0, 0, wide=wide, data=data) for _, _, wide, data in times]
    file = init + b"".join(segments)
    index = {
        "v": 1,
        "object": hashlib.sha256(file).hexdigest(),
        "length": len(file),
        "mime": 'video/mp4; codecs="avc1.4d401e"',
        "init": len(init),
        "init_sha256": hashlib.sha256(init).hexdigest(),
        "segments": [
            [len(raw), 2000, hashlib.sha256(zero).hexdigest()] for raw, zero in zip(segments, zeroed, strict=True)
        ],
    }
    return {
        "file_base64": base64.b64encode(file).decode(),
        "index": index,
        "index_canonical": canonical_json(index).decode(),
        "index_sha256": hashlib.sha256(canonical_json(index)).hexdigest(),
    }


def build() -> dict[str, Any]:
    """All vectors."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    lines = [
        statement(1, "initialized", LESSON, {}),
        statement(2, "completed", LESSON, {"completion": True, "extensions": {"urn:gyxf:watched": [[0, 734.2]]}}),
        statement(3, "answered", QUIZ, {"response": {"11111111-1111-4111-8111-111111111111": "a", "藏文 བོད 𠀀": "b"}}),
        statement(4, "completed", QUIZ, {"completion": True}),
    ]
    start = protocol.chain_start(DEVICE, EPOCH)
    heads = protocol.chain_heads(start, lines)
    challenge = "c0ffee" * 8
    return {
        "spec": f"docs/spec/record-sync.md {protocol.SPEC_VERSION}",
        "device": {
            "device_id": str(DEVICE),
            "epoch": str(EPOCH),
            "seed_hex": SEED.hex(),
            "pkcs8_base64": base64.b64encode(
                key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            ).decode(),
            "public_key_hex": key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
            "challenge": challenge,
            "proof_hex": key.sign(protocol.device_proof_message(challenge)).hex(),
        },
        "statements": [json.loads(line) for line in lines],
        "lines": [line.decode() for line in lines],
        "line_sha256": [hashlib.sha256(line).hexdigest() for line in lines],
        "chain_start": start.hex(),
        "chain_heads": [head.hex() for head in heads],
        "bundles": [bundle_vector(key, 1, start, lines), bundle_vector(key, 3, heads[1], lines[2:])],
        "segment_index": index_vector(),
    }


def bundle_vector(key: Ed25519PrivateKey, first: int, previous: bytes, lines: list[bytes]) -> dict[str, Any]:
    """One bundle: gzip output may differ between writers, the inflated bytes may not."""
    body = protocol.pack_bundle(device=DEVICE, epoch=EPOCH, first=first, previous=previous, lines=lines, sign=key.sign)
    bundle = protocol.parse_bundle(body)
    plain = b"\n".join([bundle.header_bytes, *bundle.lines, bundle.signature.hex().encode(), b""])
    return {
        "header": bundle.header_bytes.decode(),
        "signature_hex": bundle.signature.hex(),
        "inflated_sha256": hashlib.sha256(plain).hexdigest(),
        "inflated_utf8": plain.decode(),
        "bundle_base64": base64.b64encode(body).decode(),
    }


def build_items() -> dict[str, Any]:
    """A lesson and what a phone takes of it for each choice (offline-package.md §2.9), a deck and its index (§2.6)."""
    slides = [hashlib.shake_256(b"slide %d" % number).digest(60 + number) for number in range(3)]
    content, index = deck.pack(slides, [0, 8_000, 21_500], width=640, height=360)
    rows = [
        ("audio", "zh-hans", "opus-16", 16_000),
        ("audio", "zh-hans", "aac-24", 24_000),
        ("audio", "adx", "aac-24", 24_100),
        ("deck", None, "deck", len(content)),
        ("subtitle", "zh-hans", "webvtt", 900),
        ("video", None, "h264-240", 60_000),
        ("video", None, "h264-360", 150_000),
        ("video", None, "av1-360", 70_000),
        ("video", None, "av1-480", 120_000),
    ]
    items = [_item(*row) for row in rows]
    lesson = LessonManifest(UUID(LESSON), REVISION, "产羔", "", 12, "lecture", "", tuple(items))
    return {
        "spec": "docs/spec/offline-package.md §2.6, §2.9",
        "deck_index": {"file_base64": base64.b64encode(content).decode(), "index": index.as_json()},
        "lesson": json.loads(lesson.as_bytes()),
        "taken": {
            choice + (rules.AV1_SIZE if av1 else ""): sorted(
                item.sha256 for item in rules.chosen_items(lesson, choice, av1=av1)
            )
            for choice in rules.CHOICES
            for av1 in (False, True)
        },
    }


def _item(kind: str, language: str | None, profile: str, length: int) -> Item:
    sha256 = hashlib.sha256(f"{kind} {language} {profile}".encode()).hexdigest()
    return Item(kind, language, profile, profile, f"{kind}/test", sha256, length)


def text(document: dict[str, Any]) -> str:
    """As it lies in the file."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    PATH.write_text(text(build()), encoding="utf-8")
    ITEMS_PATH.write_text(text(build_items()), encoding="utf-8")


if __name__ == "__main__":
    main()
