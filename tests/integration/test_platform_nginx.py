"""deploy/nginx.conf starts, sends objects as the web process would, and hands the rest on."""

from __future__ import annotations

import hashlib
import http.client
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as settings_of_django

from config.public_files import SERVED_TYPES
from media_pipeline.management.commands.prepare_bucket import prepare
from media_pipeline.objects_s3 import S3Store
from media_pipeline.publication_s3 import S3Tree
from tests.integration.media_pipeline.stores import bucket_store, fresh_bucket
from tests.services.nginx import nginx
from tests.services.s3 import S3
from tests.services.web_server import Answer, WebServer

CONTENT = b"gaoyuan" * 1000
PRIVATE = b"a draft" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OBJECT = f"/b/{SHA256[:2]}/{SHA256}"


@pytest.fixture
def bucket(s3: S3, tmp_path: Path) -> S3Store:
    """A bucket as `prepare_bucket` leaves it, with one published object and one that is not."""
    store = bucket_store(fresh_bucket(s3), tmp_path)
    prepare(store.bucket, ["https://classroom.example.cn"])
    assert store.put_bytes(CONTENT) == SHA256
    S3Tree(store).publish([SHA256])
    store.put_bytes(PRIVATE)
    return store


@pytest.fixture
def front(web_server: WebServer, bucket: S3Store, s3: S3, tmp_path: Path) -> Iterator[int]:
    own = replace(s3, bucket=bucket.bucket.name)
    with nginx(tmp_path, web_port=web_server.port, s3=own) as port:
        yield port


def get(port: int, path: str, headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=ssl._create_unverified_context())
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def test_objects_come_from_the_bucket_with_ranges_and_a_listed_type(front: int) -> None:
    whole = get(front, f"{OBJECT}?type=video%2Fmp4")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, CONTENT, "video/mp4")
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "sandbox" in whole.headers["content-security-policy"]
    part = get(front, OBJECT, {"Range": "bytes=7-13"})
    assert (part.status, part.body) == (206, b"gaoyuan")
    assert get(front, f"{OBJECT}?type=text/html").headers["content-type"] == "application/octet-stream"


def test_it_serves_every_type_that_the_web_process_serves_and_no_other(front: int) -> None:
    configured = (settings_of_django.BASE_DIR / "deploy" / "nginx.conf").read_text()
    lines = configured.partition("map $arg_type $object_type {")[2].partition("}")[0].splitlines()
    named = {line.split()[-1].rstrip(";") for line in lines if line.strip()}
    assert named - {"application/octet-stream"} == SERVED_TYPES
    for served in SERVED_TYPES:
        for written in (served, served.replace("/", "%2F"), served.upper()):
            answer = get(front, f"{OBJECT}?type={written}", {"Range": "bytes=0-0"})
            assert (served, answer.headers["content-type"]) == (served, served)


def test_what_is_not_published_cannot_be_fetched_and_a_take_down_holds_at_once(front: int, bucket: S3Store) -> None:
    unpublished = hashlib.sha256(PRIVATE).hexdigest()
    answer = get(front, f"/b/{unpublished[:2]}/{unpublished}")
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
    assert get(front, OBJECT).status == 200
    S3Tree(bucket).withdraw([SHA256])
    assert get(front, OBJECT).status == 404


def test_nothing_of_the_store_can_be_seen_in_an_answer(front: int) -> None:
    answer = get(front, OBJECT, {"Cookie": "sessionid=secret"})
    assert not [name for name in answer.headers if name.startswith("x-amz")]
    assert answer.headers["content-length"] == str(len(CONTENT))


SIGNING_IN = ["/login/", "/join/", "/bo/login/", "/bo/join/", "/admin/login/", "/_util/login/", "/django-admin/login/"]


def test_every_address_where_people_sign_in_shares_one_limit(front: int) -> None:
    refused = [get(front, SIGNING_IN[number % len(SIGNING_IN)]).status == 503 for number in range(6 * len(SIGNING_IN))]
    assert any(refused)
    # A place in the queue comes free every three seconds: of three requests in a row at most one is let through.
    for path in SIGNING_IN:
        assert 503 in [get(front, path).status for _ in range(3)], path
    assert get(front, "/health/live/").status == 200


@pytest.mark.parametrize("path", ["/b/../keys/https-key.pem", "/b/..%2fkeys/https-key.pem", f"/b/00/{SHA256}"])
def test_no_path_leads_out_of_the_public_tree(front: int, path: str) -> None:
    answer = get(front, path)
    assert answer.status in {400, 404}
    assert b"PRIVATE" not in answer.body


def test_pages_come_from_the_web_process(front: int) -> None:
    assert get(front, "/health/live/").body == b"ok\n"
    assert get(front, "/").headers["cache-control"].startswith("public")
