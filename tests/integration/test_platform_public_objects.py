"""Objects of a bucket under the addresses of the folder, sent by the web process where nothing stands in front."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.public_objects import PublicObjects
from media_pipeline.objects_s3 import S3Store
from media_pipeline.publication_s3 import S3Tree
from tests.integration.media_pipeline.stores import bucket_store, fresh_bucket
from tests.services.s3 import S3, S3Server, s3_server
from tests.services.web_server import WebServer, serve

CONTENT = random.Random(5).randbytes(3 << 20)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OBJECT = f"/b/{SHA256[:2]}/{SHA256}"


@pytest.fixture
def store(s3: S3, tmp_path: Path) -> S3Store:
    store = bucket_store(fresh_bucket(s3), tmp_path)
    store.put_bytes(CONTENT)
    S3Tree(store).publish([SHA256])
    return store


@pytest.fixture
def server(store: S3Store) -> Iterator[WebServer]:
    with serve(PublicObjects(S3Tree(store))) as running:
        yield running


def test_an_object_is_sent_whole_and_in_ranges_with_a_listed_type(server: WebServer) -> None:
    whole = server.get(f"{OBJECT}?type=audio%2Fmp4%3Bcodecs%3Dopus")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, CONTENT, "audio/mp4")
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert whole.headers["access-control-allow-origin"] == "*"
    assert "sandbox" in whole.headers["content-security-policy"]
    part = server.get(OBJECT, range="bytes=1000-1999999")
    assert (part.status, part.body) == (206, CONTENT[1000:2000000])
    assert part.headers["content-range"] == f"bytes 1000-1999999/{len(CONTENT)}"
    assert server.get(OBJECT, range="bytes=-7").body == CONTENT[-7:]
    assert server.get(OBJECT, range=f"bytes={len(CONTENT)}-").status == 416
    assert server.get(f"{OBJECT}?type=text/html").headers["content-type"] == "application/octet-stream"


def test_what_the_client_has_is_not_sent_again_and_an_old_part_is_not_continued(server: WebServer) -> None:
    etag = server.get(OBJECT).headers["etag"]
    assert server.get(OBJECT, if_none_match=etag).status == 304
    assert server.get(OBJECT, range="bytes=0-1", if_range=etag).status == 206
    assert server.get(OBJECT, range="bytes=0-1", if_range='"other"').status == 200


def test_what_is_not_published_is_not_there(server: WebServer, store: S3Store) -> None:
    sha256 = store.put_bytes(b"a draft")
    for path in (f"/b/{sha256[:2]}/{sha256}", f"/b/00/{SHA256}", "/b/..%2f..%2fsecret", "/b/"):
        answer = server.get(path)
        assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
    S3Tree(store).withdraw([SHA256])
    assert server.get(OBJECT).status == 404


def test_many_slow_phones_keep_nobody_waiting(server: WebServer) -> None:
    slow = []
    try:
        for _number in range(60):
            phone = server.open_socket(f"GET {OBJECT} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            phone.recv(64)
            slow.append(phone)
        answer = server.get(OBJECT, range="bytes=0-9")
        assert (answer.status, answer.body) == (206, CONTENT[:10])
    finally:
        for phone in slow:
            phone.close()


def test_a_store_that_is_away_is_not_taken_for_a_missing_object(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with s3_server(folder) as store_server:
        assert isinstance(store_server, S3Server)
        store = bucket_store(store_server.store, tmp_path)
        store_server.kill()
        with serve(PublicObjects(S3Tree(store))) as running:
            answer = running.get(OBJECT)
    assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
