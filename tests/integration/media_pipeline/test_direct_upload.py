"""Originals sent by the browser straight to a real S3 server, in parts under signed addresses."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import socket
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from cms.core.models import LectureMedia
from media_pipeline import direct_upload
from media_pipeline.direct_upload import DirectUploads, Ticket, read_ticket
from media_pipeline.errors import EmptyFile
from media_pipeline.models import MediaSource
from media_pipeline.objects_s3 import configured_bucket
from media_pipeline.s3 import Bucket
from tests.factories import people
from tests.factories.cms import SMALL_MP4
from tests.integration.media_pipeline.stores import bucket_store, fresh_bucket
from tests.services.s3 import S3

PART = 5 << 20
"""The least that S3 takes for a part that is not the last."""
CONTENT = SMALL_MP4 + random.Random(7).randbytes(2 * PART + 777)
SHA = hashlib.sha256(CONTENT).hexdigest()
DIRECT = "/admin/lessons/uploads/direct/"
START = f"{DIRECT}start/"
HEAD = base64.b64encode(SMALL_MP4[:512]).decode()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_upload, "PART_BYTES", PART)


@pytest.fixture
def bucket(s3: S3, tmp_path: Path) -> Bucket:
    return bucket_store(fresh_bucket(s3), tmp_path, public=True).bucket


@pytest.fixture
def uploads(bucket: Bucket) -> DirectUploads:
    return DirectUploads(bucket, limit=1 << 30)


def digests(content: bytes, *numbers: int) -> dict[int, str]:
    """What a browser says of its parts."""
    return {n: hashlib.sha256(content[(n - 1) * PART : n * PART]).hexdigest() for n in numbers}


def send(address: str, content: bytes) -> int:
    """PUT as a browser does: no header but what the address is signed for."""
    request = urllib.request.Request(address, data=content, method="PUT")
    request.add_unredirected_header("Content-Type", "")
    request.add_header("x-amz-checksum-sha256", base64.b64encode(hashlib.sha256(content).digest()).decode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def send_parts(uploads: DirectUploads, ticket: Ticket, content: bytes, numbers: list[int]) -> None:
    for number, address in uploads.part_addresses(ticket, digests(content, *numbers)).items():
        start = (number - 1) * PART
        assert send(address, content[start : start + ticket.part_length(number)]) == 200


def keys(bucket: Bucket) -> list[str]:
    return [entry.key for entry in bucket.entries("")]


def test_a_file_sent_in_parts_becomes_a_source_once_its_bytes_are_verified(
    uploads: DirectUploads, bucket: Bucket
) -> None:
    ticket = uploads.start(owner="7", name="第一课.mp4", length=len(CONTENT))
    assert ticket.parts == 3
    send_parts(uploads, ticket, CONTENT, [3, 1])
    assert sorted(uploads.arrived(ticket)) == [1, 3]
    assert keys(bucket) == []
    with pytest.raises(direct_upload.DirectUploadIncomplete) as incomplete:
        uploads.complete(ticket, sha256=SHA)
    assert incomplete.value.details == {"length": len(CONTENT), "arrived": len(CONTENT) - PART}
    # After a reload only the signed ticket is left.
    again = read_ticket(ticket.signed(), owner="7")
    send_parts(uploads, again, CONTENT, [2])
    assert not MediaSource.objects.exists()
    source = uploads.complete(again, sha256=SHA)
    assert (source.sha256, source.length, source.name) == (SHA, len(CONTENT), "第一课.mp4")
    assert keys(bucket) == [source.storage_name]
    assert b"".join(bucket.pieces(source.storage_name, 0, source.length)) == CONTENT


def test_other_bytes_than_announced_never_become_a_source(uploads: DirectUploads, bucket: Bucket) -> None:
    ticket = uploads.start(owner="7", name="x", length=len(CONTENT))
    send_parts(uploads, ticket, CONTENT[:-1] + b"?", [1, 2, 3])
    with pytest.raises(direct_upload.DirectUploadDamaged):
        uploads.complete(ticket, sha256=SHA)
    assert not MediaSource.objects.exists()
    assert keys(bucket) == []


def test_a_part_of_another_length_counts_as_missing(uploads: DirectUploads) -> None:
    ticket = uploads.start(owner="7", name="x", length=len(CONTENT))
    short = CONTENT[: PART - 1]
    [address] = uploads.part_addresses(ticket, digests(short, 1)).values()
    assert send(address, short) == 200
    assert uploads.arrived(ticket) == {}


def test_an_address_is_good_for_its_own_part_only(uploads: DirectUploads) -> None:
    ticket = uploads.start(owner="7", name="x", length=len(CONTENT))
    [address] = uploads.part_addresses(ticket, digests(b"x", 1)).values()
    assert send(address.replace("partNumber=1", "partNumber=2"), b"x") == 403
    for number in (0, 4):
        with pytest.raises(direct_upload.DirectUploadUnknown):
            uploads.part_addresses(ticket, {number: SHA})


def test_a_part_that_is_cut_or_changed_on_its_way_is_not_kept(uploads: DirectUploads) -> None:
    """This store takes a part whose connection ends too early for a whole one, unless its digest was signed."""
    ticket = uploads.start(owner="7", name="x", length=len(CONTENT))
    [address] = uploads.part_addresses(ticket, digests(CONTENT, 1)).values()
    where, sum_1 = urlsplit(address), base64.b64encode(hashlib.sha256(CONTENT[:PART]).digest()).decode()
    head = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: {PART}\r\n"
    for content in (CONTENT[: PART // 2], CONTENT[1 : PART + 1]):
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=30) as line:
            line.sendall(f"{head}x-amz-checksum-sha256: {sum_1}\r\n\r\n".encode() + content)
            line.shutdown(socket.SHUT_WR)
            while line.recv(1 << 16):
                pass
        assert uploads.arrived(ticket) == {}


def test_an_upload_given_up_leaves_nothing(uploads: DirectUploads, bucket: Bucket) -> None:
    ticket = uploads.start(owner="7", name="x", length=len(CONTENT))
    send_parts(uploads, ticket, CONTENT, [1])
    uploads.abort(ticket)
    uploads.abort(ticket)
    with pytest.raises(direct_upload.DirectUploadUnknown):
        uploads.arrived(ticket)
    assert keys(bucket) == []


def test_the_same_file_twice_is_one_source(uploads: DirectUploads) -> None:
    sources = set()
    for owner in ("7", "8"):
        ticket = uploads.start(owner=owner, name="x", length=len(CONTENT))
        send_parts(uploads, ticket, CONTENT, [1, 2, 3])
        sources.add(uploads.complete(ticket, sha256=SHA).pk)
    assert len(sources) == 1


def test_a_completion_whose_answer_was_lost_goes_on(uploads: DirectUploads, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = uploads.start(owner="7", name="x", length=len(CONTENT))
    send_parts(uploads, ticket, CONTENT, [1, 2, 3])
    with monkeypatch.context() as patched, pytest.raises(OSError, match="away"):
        patched.setattr(DirectUploads, "_digest", lambda *_arguments: (_ for _ in ()).throw(OSError("away")))
        uploads.complete(ticket, sha256=SHA)
    assert uploads.complete(ticket, sha256=SHA).sha256 == SHA


def test_nobody_goes_on_with_anothers_upload_or_a_forged_one(uploads: DirectUploads) -> None:
    signed = uploads.start(owner="7", name="x", length=10).signed()
    for text, owner in ((signed, "8"), (signed[:-1] + "?", "7"), ("", "7")):
        with pytest.raises(direct_upload.DirectUploadUnknown):
            read_ticket(text, owner=owner)


def test_what_cannot_be_sent_is_refused_at_once(uploads: DirectUploads, s3: S3, tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        uploads.start(owner="7", name="x", length=0)
    with pytest.raises(direct_upload.DirectUploadTooLarge):
        uploads.start(owner="7", name="x", length=(1 << 30) + 1)
    inside = DirectUploads(bucket_store(s3, tmp_path).bucket, limit=1 << 30)
    with pytest.raises(direct_upload.DirectUploadUnavailable):
        inside.start(owner="7", name="x", length=10)


@pytest.fixture
def installed(s3: S3, settings) -> S3:
    """An installation in a bucket that browsers reach."""
    own = fresh_bucket(s3)
    options = own.options(storage_classes={"originals/": "STANDARD_IA"})
    storage = {"BACKEND": "media_pipeline.s3_storage.ClassedS3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": storage, "objects": storage}
    settings.S3_PUBLIC_ENDPOINT = own.endpoint
    return own


def ask(client: Client, what: str, **document: object):
    answer = client.post(f"{DIRECT}{what}/", json.dumps(document), content_type="application/json")
    return answer.status_code, answer.json() if answer["Content-Type"].startswith("application/json") else None


def test_the_admin_sends_a_file_through_the_endpoint(installed: S3, client: Client) -> None:
    client.force_login(people.user(is_staff=True, is_superuser=True))
    status, started = ask(client, "start", name="第一课.mp4", length=len(CONTENT), head=HEAD)
    assert (status, started["parts"]) == (200, 3)
    ticket = started["ticket"]
    _status, named = ask(client, "parts", ticket=ticket, digests=digests(CONTENT, 1, 2, 3))
    for number, address in named["addresses"].items():
        assert send(address, CONTENT[(int(number) - 1) * PART : int(number) * PART]) == 200
    assert ask(client, "arrived", ticket=ticket) == (200, {"arrived": [1, 2, 3]})
    status, answer = ask(client, "finish", ticket=ticket, sha256=SHA)
    assert (status, answer["title"]) == (200, "第一课")
    assert ask(client, "finish", ticket=ticket, sha256=SHA) == (200, answer), "whoever lost the answer is told it again"
    media = LectureMedia.objects.get()
    assert (media.pk, media.media_source) == (answer["id"], MediaSource.objects.get())
    assert media.media_source.jobs.count() == 1
    assert media.file.name != media.media_source.storage_name, "an entry that is deleted takes its own file along"
    for name in (media.file.name, media.media_source.storage_name):
        with default_storage.open(name) as reader:
            assert reader.read() == CONTENT


def test_what_is_no_recording_is_refused_at_its_start_and_again_at_its_end(installed: S3, client: Client) -> None:
    client.force_login(people.user(is_staff=True, is_superuser=True))
    text = base64.b64encode(b"a text " * 80).decode()
    status, answer = ask(client, "start", name="x.mp4", length=700, head=text)
    assert (status, answer["error"]["code"]) == (415, "upload-not-a-recording")
    ticket = ask(client, "start", name="x.mp4", length=700, head=HEAD)[1]["ticket"]
    content = b"a text " * 100
    send(ask(client, "parts", ticket=ticket, digests=digests(content, 1))[1]["addresses"]["1"], content)
    status, answer = ask(client, "finish", ticket=ticket, sha256=hashlib.sha256(content).hexdigest())
    assert (status, answer["error"]["code"]) == (415, "upload-not-a-recording")
    assert not MediaSource.objects.exists()
    assert keys(configured_bucket()) == []


def test_another_person_s_digest_brings_no_media(installed: S3, client: Client) -> None:
    """Whoever knows the digest of somebody's recording has not sent it."""
    MediaSource.objects.create(sha256=SHA, storage_name="originals/x", length=1)
    client.force_login(people.user(is_staff=True, is_superuser=True))
    ticket = ask(client, "start", name="x.mp4", length=700, head=HEAD)[1]["ticket"]
    ask(client, "abort", ticket=ticket)
    assert ask(client, "finish", ticket=ticket, sha256=SHA)[0] == 404
    assert not LectureMedia.objects.exists()


def test_the_endpoint_refuses_strangers_and_nonsense(installed: S3, client: Client) -> None:
    assert client.post(START, "{}", content_type="application/json").status_code == 302
    client.force_login(people.user())
    assert client.post(START, "{}", content_type="application/json").status_code in {302, 403}
    client.force_login(people.user(is_staff=True, is_superuser=True))
    for body in ("", "[]", "{}", '{"name": "x", "length": "many"}', "x" * 70_000):
        answer = client.post(START, body, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "direct-upload-request")
    assert ask(client, "parts", ticket="forged", digests={"1": SHA})[0] == 404


def test_where_objects_lie_in_a_folder_the_ordinary_upload_is_named(client: Client) -> None:
    client.force_login(people.user(is_staff=True, is_superuser=True))
    status, answer = ask(client, "start", name="x", length=10, head=HEAD)
    assert (status, answer["error"]["code"]) == (404, "direct-upload-unavailable")
