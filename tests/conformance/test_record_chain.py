"""The Python half of `vectors/record-chain.json`; `web/tests` holds the JavaScript half to the same file."""

from __future__ import annotations

import base64
import hashlib
import json
from uuid import UUID

import pytest

from media_pipeline.fmp4 import normalised
from offline.canonical import canonical_json
from offline.sync import protocol
from tests.conformance import make_vectors

VECTORS = json.loads(make_vectors.PATH.read_text(encoding="utf-8"))
DEVICE = VECTORS["device"]
PUBLIC_KEY = bytes.fromhex(DEVICE["public_key_hex"])


def test_the_file_is_what_its_generator_writes():
    assert json.loads(json.dumps(make_vectors.build())) == VECTORS


def test_the_chain_of_the_lines_is_the_vectors():
    start = protocol.chain_start(UUID(DEVICE["device_id"]), UUID(DEVICE["epoch"]))
    assert start.hex() == VECTORS["chain_start"]
    lines = [line.encode() for line in VECTORS["lines"]]
    assert [head.hex() for head in protocol.chain_heads(start, lines)] == VECTORS["chain_heads"]


def test_the_statements_in_canonical_form_are_the_lines():
    assert [canonical_json(statement).decode() for statement in VECTORS["statements"]] == VECTORS["lines"]


@pytest.mark.parametrize("vector", VECTORS["bundles"])
def test_the_bundles_are_read_and_verified(vector):
    bundle = protocol.parse_bundle(base64.b64decode(vector["bundle_base64"]))
    assert bundle.header_bytes.decode() == vector["header"]
    assert [head.hex() for head in protocol.verify_bundle(bundle, PUBLIC_KEY)] == VECTORS["chain_heads"][
        bundle.header.first - 1 :
    ]


def test_the_device_proves_its_key():
    message = protocol.device_proof_message(DEVICE["challenge"])
    assert protocol.verify_signature(PUBLIC_KEY, bytes.fromhex(DEVICE["proof_hex"]), message)


def test_the_pipeline_hashes_segments_as_the_vector_does():
    """Times and sequence numbers are zeroed first, so the second and the fourth segment are one."""
    vector = VECTORS["segment_index"]
    content, index = base64.b64decode(vector["file_base64"]), vector["index"]
    at = index["init"]
    assert hashlib.sha256(content[:at]).hexdigest() == index["init_sha256"]
    for length, _duration_ms, sha256 in index["segments"]:
        segment = content[at : at + length]
        moof = int.from_bytes(segment[:4], "big")
        assert hashlib.sha256(normalised(segment[:moof]) + segment[moof:]).hexdigest() == sha256
        at += length
    assert at == index["length"]
    assert index["segments"][1][2] == index["segments"][3][2]
