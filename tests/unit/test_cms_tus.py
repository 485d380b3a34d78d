"""Uploads without a server: the words of the protocol, and pieces that come in any size and order."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.lessons import tus
from cms.lessons.errors import ChecksumUnknown, UploadOutOfStep, UploadPieceTooLarge, UploadPieceWrong, UploadUnreadable
from cms.lessons.resumable import PartFile, UploadFolder
from tests.factories.cms import SMALL_MP4
from tests.factories.uploads import checksum, described

keys = st.text(st.sampled_from("abcXYZ019_-.!"), min_size=1, max_size=8)


@given(st.dictionaries(keys, st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=5))
def test_metadata_are_read_as_they_were_written(said: dict[str, str]) -> None:
    assert tus.metadata(described(**said)) == said


@given(st.text(max_size=200))
def test_no_header_fails_in_another_way(header: str) -> None:
    with contextlib.suppress(UploadUnreadable):
        tus.metadata(header)
    with contextlib.suppress(ChecksumUnknown):
        tus.checksum(header)
    assert tus.number(header) is None or tus.number(header) >= 0


def test_a_key_without_a_value_is_a_key() -> None:
    assert tus.metadata("is_confidential, filename YQ==") == {"is_confidential": "", "filename": "a"}


@pytest.mark.parametrize("algorithm", tus.CHECKSUMS)
def test_a_checksum_fits_its_own_piece_only(algorithm: str) -> None:
    said = tus.checksum(checksum(b"piece", algorithm))
    assert said is not None
    assert said.fits(b"piece")
    assert not said.fits(b"Piece")


class _Sent:
    """A delivery: where it claims to begin, how much it carries, and what happens to it on its way."""

    def __init__(self, shift: int, length: int, damaged: bool) -> None:
        self.shift, self.length, self.damaged = shift, length, damaged

    def __repr__(self) -> str:
        return f"({self.shift:+}, {self.length}{', damaged' if self.damaged else ''})"


deliveries = st.lists(
    st.builds(_Sent, st.sampled_from([0, 0, 0, -7, 5]), st.integers(1, 900), st.booleans()), max_size=25
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries, st.integers(0, 4000))
def test_whatever_is_cut_doubled_damaged_or_out_of_step_what_is_kept_is_a_beginning_of_the_file(
    sent: list[_Sent], length: int
) -> None:
    content = SMALL_MP4 + hashlib.shake_128(b"lecture").digest(length)
    with tempfile.TemporaryDirectory() as root:
        folder = UploadFolder(Path(root))
        announced = folder.start(owner=1, name="a.mp4", length=len(content), media_type="video")
        for delivery in sent:
            have = folder.offset(announced)
            at = max(0, have + delivery.shift)
            piece = content[at : at + delivery.length]
            said = tus.checksum(checksum(piece))
            if delivery.damaged and piece:
                piece = bytes([piece[0] ^ 1]) + piece[1:]
            with contextlib.suppress(UploadOutOfStep, UploadPieceWrong, UploadPieceTooLarge):
                folder.append(announced, offset=at, body=io.BytesIO(piece), length=len(piece), checksum=said)
            [part] = Path(root).glob("*.part")
            assert content.startswith(part.read_bytes())
        have = folder.offset(announced)
        folder.append(announced, offset=have, body=io.BytesIO(content[have:]), length=len(content) - have)
        kept: list[bytes] = []

        def keep(file: PartFile) -> int:
            kept.append(file.read())
            return 1

        folder.take(announced, sha256=hashlib.sha256(content).hexdigest(), into=keep)
        assert kept == [content]


def test_a_body_that_ends_early_keeps_what_came_of_it() -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = UploadFolder(Path(root))
        announced = folder.start(owner=1, name="a.mp4", length=1000, media_type="video")
        assert folder.append(announced, offset=0, body=io.BytesIO(SMALL_MP4), length=900) == len(SMALL_MP4)


def test_metadata_that_are_not_text_lose_only_those_letters() -> None:
    said = base64.b64encode(b"a\xff.mp4").decode()
    assert tus.metadata(f"filename {said}")["filename"] == "a\ufffd.mp4"
