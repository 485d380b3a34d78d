"""Media lie in an S3 store as well as in a folder; versitygw checks every signature."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

from tests.services.s3 import S3


@pytest.fixture
def storage(s3: S3) -> S3Storage:
    return S3Storage(**s3.options())


def test_a_lecture_comes_back_as_it_was_uploaded(storage: S3Storage) -> None:
    content = os.urandom(12 * 1024 * 1024)
    name = storage.save("originals/第一课.mp4", ContentFile(content))
    assert storage.exists(name)
    assert storage.size(name) == len(content)
    with storage.open(name) as file:
        assert file.read() == content


def test_a_second_file_of_the_same_name_replaces_nothing(storage: S3Storage) -> None:
    first = storage.save("media/lesson.mp4", ContentFile(b"first"))
    second = storage.save("media/lesson.mp4", ContentFile(b"second"))
    assert first != second
    with storage.open(first) as file:
        assert file.read() == b"first"


def test_a_wrong_secret_is_refused(s3: S3) -> None:
    stranger = S3Storage(**s3.options(secret_key="wrong"))
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.bucket.put_object(Key="media/x", Body=b"x")


def test_an_address_works_while_it_is_signed_and_not_without(storage: S3Storage) -> None:
    name = storage.save("media/signed.txt", ContentFile("三江源".encode()))
    address = storage.url(name)
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.read().decode() == "三江源"
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(address.split("?")[0], timeout=10)
    assert refusal.value.code == 403


def test_a_signed_address_answers_byte_ranges(storage: S3Storage) -> None:
    name = storage.save("media/range.bin", ContentFile(bytes(range(100))))
    request = urllib.request.Request(storage.url(name), headers={"Range": "bytes=10-19"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert (answer.status, answer.read()) == (206, bytes(range(10, 20)))


def test_what_was_deleted_is_gone(storage: S3Storage) -> None:
    name = storage.save("media/gone.bin", ContentFile(b"x"))
    storage.delete(name)
    assert not storage.exists(name)
