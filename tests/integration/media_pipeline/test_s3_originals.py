"""Originals in a bucket: sent once, copied by the store itself, never whole in memory, checked when they come back."""

from __future__ import annotations

import hashlib
import random
import tracemalloc
from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db.models.fields.files import FieldFile

from cms.core.models import LectureMedia
from media_pipeline import originals, services
from media_pipeline.errors import SourceMissing
from media_pipeline.models import MediaSource
from media_pipeline.objects import StoreDamaged
from media_pipeline.s3 import PART_BYTES, bucket_of
from tests.integration.media_pipeline.stores import fresh_bucket, raw_client
from tests.services.s3 import S3

CONTENT = random.Random(9).randbytes(3 * PART_BYTES + 5)
SHA = hashlib.sha256(CONTENT).hexdigest()

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(s3: S3, settings, rooms: Path) -> S3:
    """An installation whose files lie in a bucket of their own."""
    own = fresh_bucket(s3)
    options = own.options(storage_classes={"originals/": "STANDARD_IA"}, max_memory_size=1 << 20)
    storage = {"BACKEND": "media_pipeline.s3_storage.ClassedS3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": storage, "objects": storage}
    return own


@pytest.fixture
def requests(own: S3) -> list[tuple[str, str | None]]:
    """Writing requests on the bucket, and the storage class that each asks for."""
    seen: list[tuple[str, str | None]] = []
    writing = {"PutObject", "CreateMultipartUpload", "UploadPart", "CopyObject"}

    def note(model, params, **_rest: object) -> None:
        if model.name in writing:
            seen.append((model.name, params["headers"].get("x-amz-storage-class")))

    bucket_of(storages["default"]).patient.meta.events.register("before-call.s3", note)
    return seen


def kept(source: MediaSource) -> bytes:
    with default_storage.open(source.storage_name) as reader:
        return reader.read()


def test_an_upload_is_sent_in_parts_once_in_the_cheaper_class(own: S3, requests: list, tmp_path: Path) -> None:
    path = tmp_path / "lecture.mp4"
    path.write_bytes(CONTENT)
    for _twice in range(2):
        with path.open("rb") as reader:
            source = services.register_source(File(reader), name="lecture.mp4")
    assert source.storage_name == originals.storage_name(SHA)
    assert kept(source) == CONTENT
    assert [name for name, _class in requests] == ["CreateMultipartUpload", *["UploadPart"] * 4]
    assert requests[0] == ("CreateMultipartUpload", "STANDARD_IA")


def test_what_lies_in_the_bucket_already_is_copied_by_the_store(own: S3, requests: list) -> None:
    name = default_storage.save("media/lecture.mp4", ContentFile(CONTENT))
    stored = FieldFile(LectureMedia(), LectureMedia._meta.get_field("file"), name)
    source = services.register_source(stored, name="lecture.mp4")
    assert requests == [("CopyObject", "STANDARD_IA")]
    default_storage.delete(name)
    assert kept(source) == CONTENT


def test_a_worker_gets_the_original_without_taking_it_into_memory(own: S3, tmp_path: Path) -> None:
    source = services.register_source(ContentFile(CONTENT * 3, name="x"), name="x")
    tracemalloc.start()
    with originals.local_copy(source, tmp_path) as path:
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        with path.open("rb") as reader:
            assert hashlib.file_digest(reader, "sha256").hexdigest() == source.sha256
    assert peak < 3 * PART_BYTES
    assert not path.exists()


def test_a_lost_or_damaged_original_is_never_transcoded(own: S3, tmp_path: Path) -> None:
    source = services.register_source(ContentFile(b"a lecture", name="x"), name="x")
    client = raw_client(own)
    client.put_object(Bucket=own.bucket, Key=source.storage_name, Body=b"a Lecture")
    with pytest.raises(StoreDamaged), originals.local_copy(source, tmp_path):
        pass
    client.delete_object(Bucket=own.bucket, Key=source.storage_name)
    with pytest.raises(SourceMissing), originals.local_copy(source, tmp_path):
        pass
    assert not list(tmp_path.glob("original*"))
