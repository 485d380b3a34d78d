"""The record chain and its bundles (docs/spec/record-sync.md), bad input first."""

from __future__ import annotations

import gzip
import hashlib
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.canonical import canonical_json
from offline.sync import protocol
from offline.sync.errors import (
    BundleError,
    BundleMalformed,
    BundleTooLarge,
    BundleVersionUnknown,
    ChainBroken,
    SignatureInvalid,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
DEVICE, EPOCH = UUID(int=1), UUID(int=2)
START = protocol.chain_start(DEVICE, EPOCH)


def pack(lines: list[bytes], *, first: int = 1, previous: bytes = START, sign=KEY.sign) -> bytes:
    return protocol.pack_bundle(device=DEVICE, epoch=EPOCH, first=first, previous=previous, lines=lines, sign=sign)


def raw_bundle(header: dict | bytes, lines: list[bytes], *, signature: bytes | None = None) -> bytes:
    header_bytes = header if isinstance(header, bytes) else canonical_json(header)
    signature = KEY.sign(protocol.BUNDLE_DOMAIN + header_bytes) if signature is None else signature
    return gzip.compress(b"\n".join([header_bytes, *lines, signature.hex().encode(), b""]))


def header(**changes) -> dict:
    head = protocol.chain_heads(START, [b"{}"])[-1].hex()
    base = {"v": 1, "device": str(DEVICE), "epoch": str(EPOCH), "first": 1, "count": 1, "prev": START.hex()}
    return {**base, "head": head, **changes}


class TestRefusals:
    def test_a_gzip_bomb_is_refused_without_being_inflated(self):
        bomb = gzip.compress(bytes(200 * 1024 * 1024))
        assert len(bomb) < protocol.MAX_BUNDLE_BYTES
        with pytest.raises(BundleTooLarge):
            protocol.parse_bundle(bomb)

    def test_more_than_256_kib_are_refused(self):
        with pytest.raises(BundleTooLarge):
            protocol.parse_bundle(bytes(protocol.MAX_BUNDLE_BYTES + 1))

    @pytest.mark.parametrize(
        "body", [b"", b"not gzip", gzip.compress(b"", mtime=0), gzip.compress(b"{}\n", mtime=0), b"\x1f\x8b"]
    )
    def test_what_is_no_bundle_is_refused(self, body):
        with pytest.raises(BundleMalformed):
            protocol.parse_bundle(body)

    def test_a_truncated_bundle_is_refused_at_every_length(self):
        body = pack([b"{}"])
        for length in range(len(body)):
            with pytest.raises(BundleMalformed):
                protocol.parse_bundle(body[:length])

    def test_bytes_behind_the_gzip_member_are_refused(self):
        with pytest.raises(BundleMalformed):
            protocol.parse_bundle(pack([b"{}"]) + gzip.compress(b"more"))

    def test_a_line_longer_than_16_kib_is_refused(self):
        with pytest.raises(BundleTooLarge):
            protocol.parse_bundle(raw_bundle(header(), [b"a" * (protocol.MAX_LINE_BYTES + 1)]))

    def test_a_huge_header_is_refused_before_it_is_parsed(self):
        with pytest.raises(BundleTooLarge):
            protocol.parse_bundle(raw_bundle(b"[" * 100_000, [b"{}"]))

    def test_too_many_lines_are_refused(self):
        count = protocol.MAX_LINES + 1
        with pytest.raises(BundleError):
            protocol.parse_bundle(raw_bundle(header(count=count), [b"1"] * count))

    @pytest.mark.parametrize(
        "changes",
        [
            {"count": 2},
            {"count": 0},
            {"first": 0},
            {"first": -1},
            {"first": 1.0},
            {"first": True},
            {"first": 2**53},
            {"device": "not-a-uuid"},
            {"device": str(DEVICE).upper().replace("0", "A")},
            {"epoch": None},
            {"prev": "00"},
            {"head": "G" * 64},
            {"head": "A" * 64},
        ],
    )
    def test_a_header_field_out_of_its_range_is_refused(self, changes):
        with pytest.raises(BundleMalformed):
            protocol.parse_bundle(raw_bundle(header(**changes), [b"{}"]))

    @pytest.mark.parametrize("name", ["device", "epoch", "first", "count", "prev", "head"])
    def test_a_header_without_one_of_its_fields_is_refused(self, name):
        incomplete = header()
        del incomplete[name]
        with pytest.raises(BundleMalformed):
            protocol.parse_bundle(raw_bundle(incomplete, [b"{}"]))

    @pytest.mark.parametrize("text", [b"[]", b"1", b"{", b"\xff", b'{"v":1,"v":1}', b'{"v":NaN}', b"[" * 900])
    def test_a_header_that_is_no_json_object_is_refused(self, text):
        with pytest.raises(BundleMalformed):
            protocol.parse_bundle(raw_bundle(text, [b"{}"]))

    @pytest.mark.parametrize("version", [0, 2, "1", None])
    def test_another_version_asks_for_a_newer_server(self, version):
        with pytest.raises(BundleVersionUnknown):
            protocol.parse_bundle(raw_bundle(header(v=version), [b"{}"]))

    def test_nothing_is_packed_from_no_lines(self):
        with pytest.raises(BundleMalformed):
            pack([])

    def test_a_newline_inside_a_line_is_never_packed(self):
        with pytest.raises(BundleMalformed):
            pack([b"{}\n{}"])


class TestVerification:
    def test_another_devices_signature_is_invalid(self):
        other = Ed25519PrivateKey.generate()
        with pytest.raises(SignatureInvalid):
            protocol.verify_bundle(protocol.parse_bundle(pack([b"{}"], sign=other.sign)), PUBLIC)

    def test_an_altered_header_is_invalid(self):
        signature = KEY.sign(protocol.BUNDLE_DOMAIN + canonical_json(header()))
        bundle = protocol.parse_bundle(raw_bundle(header(first=7), [b"{}"], signature=signature))
        with pytest.raises(SignatureInvalid):
            protocol.verify_bundle(bundle, PUBLIC)

    def test_an_altered_line_breaks_the_chain(self):
        with pytest.raises(ChainBroken):
            protocol.verify_bundle(protocol.parse_bundle(raw_bundle(header(), [b"[]"])), PUBLIC)

    def test_a_chain_that_begins_elsewhere_is_broken(self):
        other = protocol.chain_start(DEVICE, uuid4())
        with pytest.raises(ChainBroken):
            protocol.verify_bundle(protocol.parse_bundle(pack([b"{}"], previous=other)), PUBLIC)

    def test_a_bad_public_key_never_verifies(self):
        assert not protocol.verify_signature(b"short", bytes(64), b"message")
        assert not protocol.verify_signature(bytes(32), b"short", b"message")

    def test_unknown_header_fields_are_ignored_but_signed(self):
        bundle = protocol.parse_bundle(raw_bundle(header(carrier="usb"), [b"{}"]))
        assert protocol.verify_bundle(bundle, PUBLIC)


lines = st.lists(
    st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=9), st.integers()).map(canonical_json),
    min_size=1,
    max_size=20,
)


@given(lines=lines, cut=st.integers(0, 19))
def test_any_cut_of_a_log_packs_into_bundles_that_join_again(lines, cut):
    cut = min(cut, len(lines) - 1)
    heads = [START, *protocol.chain_heads(START, lines)]
    for first, part in ((1, lines[:cut]), (cut + 1, lines[cut:])):
        if not part:
            continue
        bundle = protocol.parse_bundle(pack(part, first=first, previous=heads[first - 1]))
        assert list(bundle.lines) == part
        assert protocol.verify_bundle(bundle, PUBLIC) == heads[first : first + len(part)]
        assert bundle.header.last == first + len(part) - 1


@given(lines=lines, position=st.integers(0), bit=st.integers(0, 7))
@settings(max_examples=300)
def test_a_flipped_bit_anywhere_inside_is_never_accepted_as_something_else(lines, position, bit):
    plain = bytearray(gzip.decompress(pack(lines)))
    plain[position % len(plain)] ^= 1 << bit
    try:
        bundle = protocol.parse_bundle(gzip.compress(bytes(plain)))
        protocol.verify_bundle(bundle, PUBLIC)
    except BundleError:
        return
    pytest.fail("an altered bundle was accepted")


@given(st.binary(max_size=300))
def test_random_bytes_never_raise_anything_but_a_bundle_error(data):
    for body in (data, gzip.compress(data)):
        with pytest.raises(BundleError):
            protocol.parse_bundle(body)


def test_five_hundred_plain_statements_cost_at_most_40_bytes_each():
    lines = [
        canonical_json(
            {
                "id": f"0193a3c0-{number:04x}-7000-8000-{hashlib.md5(bytes([number % 256])).hexdigest()[:2]}0000000000",
                "actor": {"account": {"homePage": "urn:gyxf", "name": str(UUID(int=5))}},
                "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
                "object": {"id": f"urn:uuid:{UUID(int=number % 20)}"},
                "timestamp": f"2026-01-01T08:{number // 60 % 60:02d}:{number % 60:02d}Z",
                "context": {"extensions": {"urn:gyxf:seq": number, "urn:gyxf:mono_ms": number * 1000}},
            }
        )
        for number in range(1, 501)
    ]
    assert len(pack(lines)) / 500 <= 40
