"""What only a remote store has to stand: dying in mid-upload, damaged bytes, a cache, signed addresses, classes."""

from __future__ import annotations

import hashlib
import io
import random
import signal
import subprocess
import sys
import threading
import tracemalloc
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from boto3.s3.transfer import TransferConfig
from django.conf import settings
from django.core.files.base import ContentFile

from media_pipeline import s3 as s3_module
from media_pipeline.objects import StoreDamaged
from media_pipeline.objects_s3 import S3Store, object_key
from media_pipeline.s3 import PART_BYTES, StoreUnavailable
from media_pipeline.s3_storage import ClassedS3Storage
from tests.integration.media_pipeline.stores import bucket_store, fresh_bucket, raw_client
from tests.services.s3 import S3, S3Server, s3_server

CONTENT = random.Random(3).randbytes(4 * PART_BYTES + 99)
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(s3: S3, tmp_path: Path) -> S3Store:
    return bucket_store(fresh_bucket(s3), tmp_path, public=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    folder = tmp_path / "server"
    folder.mkdir()
    with s3_server(folder) as running:
        yield running


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


class Interrupted(io.BytesIO):
    """A stream at whose middle something happens."""

    def __init__(self, content: bytes, at: int, happens) -> None:
        super().__init__(content)
        self._at, self._happens = at, happens

    def read(self, size: int | None = -1) -> bytes:
        if self._happens is not None and self.tell() >= self._at:
            happens, self._happens = self._happens, None
            happens()
        return super().read(size)


def keys(store: S3Store) -> list[str]:
    return [entry.key for entry in store.bucket.entries("")]


def test_a_server_that_dies_in_mid_upload_and_comes_back_costs_nothing_but_time(
    server: S3Server, tmp_path: Path
) -> None:
    store = bucket_store(server.store, tmp_path)

    def die() -> None:
        server.kill()
        threading.Timer(2, server.start).start()

    assert store.put_stream(Interrupted(CONTENT, 2 * PART_BYTES, die)) == SHA
    with store.local_file(SHA) as path:
        assert path.read_bytes() == CONTENT
    assert keys(store) == [object_key(SHA)]


def test_a_server_that_stays_dead_leaves_nothing_visible_and_the_next_try_is_whole(
    server: S3Server, tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_module, "_PATIENT", s3_module._QUICK)
    store = bucket_store(server.store, tmp_path)
    before = store.put_bytes(b"what was there before")
    with pytest.raises(StoreUnavailable):
        store.put_stream(Interrupted(CONTENT, 2 * PART_BYTES, server.kill))
    with pytest.raises(StoreUnavailable):
        store.put_file(source)
    server.start()
    assert list(store.hashes()) == [before]
    assert store.put_file(source) == SHA
    assert set(store.hashes()) == {before, SHA}
    with store.open(SHA) as reader:
        assert hashlib.file_digest(reader, "sha256").hexdigest() == SHA
    # The parts of the upload that died are removed when they are a week old.
    uploads = raw_client(server.store).list_multipart_uploads(Bucket=server.store.bucket)
    assert len(uploads.get("Uploads", [])) == 1
    assert store.remove_debris(datetime.now(UTC)) == 0
    assert store.remove_debris(datetime.now(UTC) + timedelta(days=8)) == 1
    assert not raw_client(server.store).list_multipart_uploads(Bucket=server.store.bucket).get("Uploads")
    assert set(store.hashes()) == {before, SHA}


def test_a_killed_client_leaves_nothing_visible(store: S3Store) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.put_stream(Interrupted(CONTENT, 2 * PART_BYTES, killed))
    assert keys(store) == []


KILLED = """
import os, random, signal, sys
from pathlib import Path
import django
django.setup()
from tests.integration.media_pipeline.stores import bucket_store
from tests.services.s3 import S3
endpoint, key, secret, bucket, folder = sys.argv[1:]
store = bucket_store(S3(endpoint, key, secret, bucket), Path(folder))

class Dying:
    left = 20 << 20
    def read(self, size):
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= size
        return random.randbytes(size)

store.put_stream(Dying())
"""


def test_a_client_killed_by_the_kernel_leaves_only_parts_that_upkeep_removes(s3: S3, tmp_path: Path) -> None:
    own = fresh_bucket(s3)
    store = bucket_store(own, tmp_path)
    command = [sys.executable, "-c", KILLED, own.endpoint, own.access_key, own.secret_key, own.bucket, str(tmp_path)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert keys(store) == []
    assert store.remove_debris(datetime.now(UTC) + timedelta(days=8)) == 1
    assert not raw_client(own).list_multipart_uploads(Bucket=own.bucket).get("Uploads")


def test_a_file_that_changes_while_it_is_sent_never_lies_under_the_old_hash(
    store: S3Store, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = store.bucket.patient.upload_part

    def changing(**parameters: object) -> object:
        with source.open("r+b") as writer:
            writer.seek(-1, io.SEEK_END)
            writer.write(b"?")
        return upload(**parameters)

    monkeypatch.setattr(store.bucket.patient, "upload_part", changing)
    with pytest.raises(StoreDamaged):
        store.put_file(source)
    assert keys(store) == []


def test_what_was_damaged_in_the_store_is_never_handed_out_as_a_file(store: S3Store, s3: S3) -> None:
    sha256 = store.put_bytes(b"a lesson")
    raw_client(s3).put_object(Bucket=store.bucket.name, Key=object_key(sha256), Body=b"a Lesson")
    with pytest.raises(StoreDamaged), store.local_file(sha256):
        pass
    assert not list(store.cache.root.rglob(f"*{sha256}*"))


def test_a_copy_on_disk_is_used_again_and_the_oldest_goes_when_room_is_short(s3: S3, tmp_path: Path) -> None:
    store = bucket_store(fresh_bucket(s3), tmp_path, cache_bytes=2500)
    shas = [store.put_bytes(bytes([number]) * 1000) for number in range(3)]
    kept = store.cache.root / "kept"
    for sha256 in shas[:2]:
        with store.local_file(sha256):
            pass
    raw_client(s3).delete_object(Bucket=store.bucket.name, Key=object_key(shas[0]))
    store.put_bytes(bytes([0]) * 1000)
    with store.local_file(shas[0]) as path:
        assert path.stat().st_ino == (kept / shas[0]).stat().st_ino
        with store.local_file(shas[2]):
            assert {entry.name for entry in kept.iterdir()} == {shas[0], shas[2]}
            # Another object pushes the first out, but not from under its reader.
            with store.local_file(shas[1]):
                pass
        assert path.read_bytes() == bytes([0]) * 1000
    assert not list((store.cache.root / "held").iterdir())
    assert sum(entry.stat().st_size for entry in kept.iterdir()) <= 2500


def test_an_upload_and_a_read_take_bounded_memory(store: S3Store, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as writer:
        for number in range(12):
            writer.write(random.Random(number).randbytes(PART_BYTES))
    tracemalloc.start()
    sha256 = store.put_file(large)
    with store.open(sha256) as reader:
        assert hashlib.file_digest(reader, "sha256").hexdigest() == sha256
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * PART_BYTES


def test_what_is_too_large_for_one_request_is_copied_part_by_part(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_parts = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, use_threads=False)
    monkeypatch.setattr(s3_module, "LARGEST_COPY", PART_BYTES)
    monkeypatch.setattr(s3_module, "_COPY", in_parts)
    store.put_bytes(CONTENT)
    store.discard(SHA)
    with store.local_file(SHA) as path:
        assert path.read_bytes() == CONTENT


def test_a_signed_address_shows_a_draft_for_a_while_in_ranges_and_with_its_type(store: S3Store) -> None:
    sha256 = store.put_bytes(b"a draft")
    address = store.signed_url(sha256, "video/mp4", 60)
    request = urllib.request.Request(address, headers={"Range": "bytes=2-6"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert (answer.status, answer.read(), answer.headers["Content-Type"]) == (206, b"draft", "video/mp4")
        assert answer.headers["Cache-Control"] == "private, max-age=60"
    for refused in (address.split("?")[0], address.replace(sha256, "0" * 64), address.replace("video", "image")):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(refused, timeout=10)
        assert refusal.value.code == 403


def test_without_an_address_for_browsers_nothing_is_signed(s3: S3, tmp_path: Path) -> None:
    assert bucket_store(s3, tmp_path).signed_url(SHA, "video/mp4", 60) is None


@pytest.mark.parametrize("size", [10, 12 << 20], ids=["small", "in parts"])
def test_originals_are_stored_in_the_cheaper_class_and_nothing_else_is(s3: S3, size: int) -> None:
    storage = ClassedS3Storage(**fresh_bucket(s3).options(storage_classes={"originals/": "STANDARD_IA"}))
    asked: dict[str, str | None] = {}

    def seen(model, params, **_rest: object) -> None:
        if model.name in {"PutObject", "CreateMultipartUpload"}:
            key = params["url_path"].partition("?")[0].rpartition("/")[2]
            asked[key] = params["headers"].get("x-amz-storage-class")

    storage.connection.meta.client.meta.events.register("before-call.s3", seen)
    for name in ("originals/aa/lecture", "media/picture"):
        with storage.open(storage.save(name, ContentFile(b"x" * size))) as file:
            assert file.size == size
    assert asked == {"lecture": "STANDARD_IA", "picture": None}
