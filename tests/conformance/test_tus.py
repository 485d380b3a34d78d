"""The uploader of the admin against tus 1.0.0 (https://tus.io/protocols/resumable-upload), over real sockets."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import random
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from cms.core.models import LectureMedia
from cms.lessons import resumable
from tests.factories import cms as make
from tests.factories.uploads import PIECE_TYPE, checksum, described
from tests.services.web_server import Answer, WebServer

LECTURE = make.SMALL_MP4 + random.Random(4).randbytes(300_000)
TOKEN = "t" * 32


@pytest.fixture(autouse=True)
def own_folders(transactional_db: None, settings, tmp_path) -> None:
    settings.WORK_DIR = tmp_path / "work"
    settings.MEDIA_ROOT = tmp_path / "media"


@dataclass
class TusClient:
    """Does what the usual tus clients do: creates, sends chunks, and after any failure asks where to go on."""

    server: WebServer
    cookie: str
    chunk: int = 1 << 62
    extra: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, url: str, body: bytes | None = None, **headers: str) -> Answer:
        said = {
            "Tus-Resumable": "1.0.0",
            "Cookie": self.cookie,
            "X-CSRFToken": TOKEN,
            **self.extra,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        path = urlsplit(urljoin(self.server.url, url)).path
        return self.server.request(method, path, said, body if body is not None else b"")

    def create(self, length: int, body: bytes = b"", **headers: str) -> Answer:
        said = {"Upload-Length": str(length), "Upload-Metadata": described(filename="三江源.mp4", filetype="video/mp4")}
        return self.call("POST", reverse("lessons_media:tus"), body, **{**said, **headers})

    def created(self, length: int = len(LECTURE)) -> str:
        return self.create(length).headers["location"]

    def offset(self, url: str) -> int:
        return int(self.call("HEAD", url).headers["upload-offset"])

    def patch(self, url: str, offset: int, piece: bytes, **headers: str) -> Answer:
        said = {"Upload-Offset": str(offset), "Content-Type": PIECE_TYPE}
        return self.call("PATCH", url, piece, **{**said, **headers})

    def upload(self, url: str, content: bytes) -> None:
        offset = self.offset(url)
        while offset < len(content):
            answer = self.patch(url, offset, content[offset : offset + self.chunk])
            offset = int(answer.headers["upload-offset"]) if answer.status == 204 else self.offset(url)

    def finish(self, url: str, content: bytes) -> Answer:
        body = json.dumps({"sha256": hashlib.sha256(content).hexdigest()}).encode()
        return self.call("POST", f"{url}finish/", body, Content_Type="application/json")


@pytest.fixture
def tus(web_server: WebServer) -> TusClient:
    client = Client()
    client.force_login(make.make_editor())
    return TusClient(web_server, f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}")


def kept_bytes(answer: Answer) -> bytes:
    with LectureMedia.objects.get(pk=json.loads(answer.body)["id"]).file.open() as file:
        return file.read()


# --- core protocol -------------------------------------------------------------------------------


def test_options_tells_what_the_server_can(tus: TusClient, settings) -> None:
    answer = tus.call("OPTIONS", reverse("lessons_media:tus"))
    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation", "creation-with-upload", "expiration", "checksum", "termination",
    }  # fmt: skip
    assert answer.headers["tus-max-size"] == str(settings.MAX_UPLOAD_BYTES)
    assert answer.headers["tus-checksum-algorithm"] == "sha256,sha1"


def test_options_needs_no_version(tus: TusClient) -> None:
    tus.extra = {"Tus-Resumable": "0.2.2"}
    assert tus.call("OPTIONS", reverse("lessons_media:tus")).status == 204


def test_another_version_is_refused_and_does_nothing(tus: TusClient) -> None:
    url = tus.created()
    for method, version in itertools.product(("POST", "HEAD", "PATCH", "DELETE"), ("0.2.2", "1.0.1", "")):
        said = {"Tus-Resumable": version, "Upload-Offset": "0", "Upload-Length": "5", "Content-Type": PIECE_TYPE}
        answer = tus.call(method, reverse("lessons_media:tus") if method == "POST" else url, LECTURE, **said)
        assert answer.status == 412, (method, version)
        assert answer.headers["tus-version"] == "1.0.0"
    assert tus.offset(url) == 0
    assert len(list(resumable.default_folder().root.glob("*.part"))) == 1


def test_head_tells_offset_length_and_metadata_and_is_not_to_be_kept(tus: TusClient) -> None:
    url = tus.created()
    tus.patch(url, 0, LECTURE[:70_000])
    answer = tus.call("HEAD", url)
    assert answer.status == 200
    assert answer.headers["upload-offset"] == "70000"
    assert answer.headers["upload-length"] == str(len(LECTURE))
    assert answer.headers["upload-metadata"] == described(filename="三江源.mp4", filetype="video/mp4")
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["tus-resumable"] == "1.0.0"


def test_patch_adds_at_the_offset_and_tells_the_new_one(tus: TusClient) -> None:
    url = tus.created()
    answer = tus.patch(url, 0, LECTURE[:1000])
    assert (answer.status, answer.headers["upload-offset"], answer.body) == (204, "1000", b"")
    assert tus.patch(url, 1000, b"").headers["upload-offset"] == "1000"


def test_patch_elsewhere_conflicts_and_changes_nothing(tus: TusClient) -> None:
    url = tus.created()
    tus.patch(url, 0, LECTURE[:1000])
    for offset in (0, 999, 1001, len(LECTURE)):
        assert tus.patch(url, offset, b"x" * 10).status == 409
    assert tus.offset(url) == 1000


def test_patch_of_another_type_is_refused(tus: TusClient) -> None:
    url = tus.created()
    for kind in ("application/octet-stream", "text/plain", "multipart/form-data; boundary=x"):
        assert tus.patch(url, 0, LECTURE, Content_Type=kind).status == 415
    assert tus.offset(url) == 0


def test_an_upload_that_was_never_there_is_not_found(tus: TusClient) -> None:
    url = reverse("lessons_media:tus_upload", args=["0" * 32])
    for method in ("HEAD", "PATCH", "DELETE"):
        answer = tus.call(method, url, b"", Upload_Offset="0", Content_Type=PIECE_TYPE)
        assert answer.status == 404
        assert "upload-offset" not in answer.headers


def test_a_body_larger_than_a_piece_is_taken_as_it_comes(tus: TusClient) -> None:
    content = make.SMALL_MP4 + os.urandom(2 * resumable.PIECE_BYTES)
    url = tus.created(len(content))
    assert tus.patch(url, 0, content).headers["upload-offset"] == str(len(content))
    assert kept_bytes(tus.finish(url, content)) == content


def test_a_post_may_stand_for_another_method(tus: TusClient) -> None:
    url = tus.created()
    for method, status in (("PATCH", 204), ("HEAD", 200), ("DELETE", 204), ("PATCH", 404)):
        said = {"X-HTTP-Method-Override": method, "Upload-Offset": "0", "Content-Type": PIECE_TYPE}
        assert tus.call("POST", url, LECTURE[:10], **said).status == status


def test_a_get_may_not_stand_for_a_method_that_needs_its_token(tus: TusClient) -> None:
    url = tus.created()
    assert tus.call("GET", url, X_HTTP_Method_Override="DELETE").status == 405
    assert tus.offset(url) == 0


# --- creation, creation-with-upload ---------------------------------------------------------------


def test_creation_tells_where_and_until_when(tus: TusClient) -> None:
    answer = tus.create(len(LECTURE))
    assert answer.status == 201
    assert tus.offset(answer.headers["location"]) == 0
    assert parsedate_to_datetime(answer.headers["upload-expires"]).tzinfo is not None


def test_creation_of_more_than_the_limit_is_refused(tus: TusClient, settings) -> None:
    answer = tus.create(settings.MAX_UPLOAD_BYTES + 1)
    assert answer.status == 413
    assert "location" not in answer.headers


def test_creation_takes_a_first_piece_along(tus: TusClient) -> None:
    answer = tus.create(len(LECTURE), LECTURE[:5000], Content_Type=PIECE_TYPE)
    assert (answer.status, answer.headers["upload-offset"]) == (201, "5000")
    tus.upload(answer.headers["location"], LECTURE)
    assert kept_bytes(tus.finish(answer.headers["location"], LECTURE)) == LECTURE


def test_creation_with_a_body_of_another_type_leaves_the_body_alone(tus: TusClient) -> None:
    answer = tus.create(len(LECTURE), LECTURE[:5000], Content_Type="application/octet-stream")
    assert answer.status == 201
    assert tus.offset(answer.headers["location"]) == 0


# --- checksum --------------------------------------------------------------------------------------


def test_a_piece_that_was_damaged_is_thrown_away(tus: TusClient) -> None:
    for algorithm in ("sha1", "sha256"):
        url = tus.created()
        said = checksum(LECTURE[:1000], algorithm)
        assert tus.patch(url, 0, b"x" + LECTURE[1:1000], Upload_Checksum=said).status == 460
        assert tus.offset(url) == 0
        right = tus.patch(url, 0, LECTURE[:1000], Upload_Checksum=said)
        assert (right.status, right.headers["upload-offset"]) == (204, "1000")


def test_a_checksum_that_is_none_is_refused(tus: TusClient) -> None:
    url = tus.created()
    for said in ("md5 YQ==", "sha256", "sha256 YQ==", "sha256 ???", "", "crc32 AAAA"):
        assert tus.patch(url, 0, LECTURE[:1000], Upload_Checksum=said).status == 400, said
    assert tus.offset(url) == 0


def test_a_checksum_over_more_than_a_piece_is_refused_since_nothing_unchecked_may_stay(tus: TusClient) -> None:
    content = make.SMALL_MP4 + bytes(resumable.PIECE_BYTES)
    url = tus.created(len(content))
    assert tus.patch(url, 0, content, Upload_Checksum=checksum(content)).status == 413
    assert tus.offset(url) == 0


# --- expiration, termination ------------------------------------------------------------------------


def test_every_answer_with_an_offset_tells_when_the_upload_expires(tus: TusClient) -> None:
    url = tus.created()
    for answer in (tus.call("HEAD", url), tus.patch(url, 0, LECTURE[:10])):
        assert answer.headers["upload-expires"].endswith(" GMT")


def test_an_expired_upload_is_gone(tus: TusClient) -> None:
    url = tus.created()
    for path in resumable.default_folder().root.iterdir():
        os.utime(path, (0, 0))
    assert tus.call("HEAD", url).status == 410
    assert tus.patch(url, 0, LECTURE).status == 410


def test_termination_frees_what_arrived(tus: TusClient) -> None:
    url = tus.created()
    tus.patch(url, 0, LECTURE[:1000])
    assert tus.call("DELETE", url).status == 204
    assert tus.call("HEAD", url).status == 404
    assert list(resumable.default_folder().root.iterdir()) == []


# --- the admin's door ---------------------------------------------------------------------------------


def test_without_a_session_nothing_is_taken_and_the_answer_is_one_a_program_reads(tus: TusClient) -> None:
    tus.cookie = ""
    for answer in (tus.create(5), tus.call("OPTIONS", reverse("lessons_media:tus")), tus.create(5, bytes(2 << 20))):
        assert answer.status == 401
        assert json.loads(answer.body)["error"]["code"] == "session-expired"


def test_without_the_token_nothing_is_taken(tus: TusClient) -> None:
    url = tus.created()
    tus.extra = {"X-CSRFToken": "s" * 32}
    assert tus.create(5).status == 403
    assert tus.patch(url, 0, LECTURE).status == 403
    assert tus.call("DELETE", url).status == 403
    tus.extra = {}
    assert tus.offset(url) == 0


# --- a bad line ----------------------------------------------------------------------------------------


def hang_up_after(tus: TusClient, url: str, offset: int, piece: bytes, sent: int) -> None:
    """A PATCH whose connection dies after `sent` bytes of its body."""
    connection = http.client.HTTPConnection("127.0.0.1", tus.server.port, timeout=30)
    connection.putrequest("PATCH", urlsplit(url).path)
    headers = {
        "Tus-Resumable": "1.0.0", "Cookie": tus.cookie, "X-CSRFToken": TOKEN, "Content-Type": PIECE_TYPE,
        "Upload-Offset": str(offset), "Content-Length": str(len(piece)),
    }  # fmt: skip
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(piece[:sent])
    connection.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_client_that_is_cut_at_random_points_ends_with_the_very_bytes(seed: int, tus: TusClient) -> None:
    chance = random.Random(seed)
    content = make.SMALL_MP4 + chance.randbytes(chance.randrange(1000, 400_000))
    url = tus.created(len(content))
    for _ in range(8):
        offset = tus.offset(url)
        assert content[:offset] == next(resumable.default_folder().root.glob("*.part")).read_bytes()
        piece = content[offset : offset + chance.randrange(1, 100_000)]
        if chance.random() < 0.5:
            hang_up_after(tus, url, offset, piece, chance.randrange(len(piece) + 1))
        else:
            tus.patch(url, offset, piece)
    tus.chunk = chance.randrange(20_000, 100_000)
    tus.upload(url, content)
    assert kept_bytes(tus.finish(url, content)) == content


def test_two_senders_of_one_file_who_take_turns_end_with_the_very_bytes(tus: TusClient) -> None:
    url = tus.created()
    tus.chunk = 33_333
    for _ in range(3):
        tus.patch(url, tus.offset(url), LECTURE[tus.offset(url) :][:20_000])
    tus.upload(url, LECTURE)
    assert kept_bytes(tus.finish(url, LECTURE)) == LECTURE
