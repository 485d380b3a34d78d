"""Text that no database keeps is refused at the door, in words, whoever would have read it."""

from __future__ import annotations

import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.errors import PersonError
from cms.lessons import resumable
from config.readable_text import ReadableTextMiddleware, is_readable, is_utf8
from tests.factories import cms as make
from tests.factories.uploads import TUS
from tests.services.web_server import WebServer

NUL = "\0"


@pytest.mark.parametrize("text", ["", "原子城", "\U00020bb7野家", "བོད་ཡིག", "a\u200db", "\t\r\n", "\ufffd"])
def test_what_people_type_is_readable(text: str) -> None:
    assert is_readable(text)


@pytest.mark.parametrize("text", [NUL, f"原{NUL}子", "\ud800", "\udfff", "a\udc80"])
def test_a_nul_and_half_a_character_are_not(text: str) -> None:
    assert not is_readable(text)


@pytest.mark.parametrize(
    ("query", "known"),
    [("", True), ("q=%E8%8D%89", True), ("q=草", True), ("q=%", True), ("q=%ff", False), ("q=%ed%a0%80", False)],
)
def test_a_query_is_text_when_its_bytes_are_utf8(query: str, known: bool) -> None:
    assert is_utf8(query) is known


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/teachers/?category=%00",
        "/teachers/?language=zh%00",
        "/teachers/?%00=1",
        "/search/?q=%00",
        "/search/?q=%ed%a0%80",
        "/no-such%00page/",
        "/bo/teachers/?category=%00",
        "/admin/pages/?q=%00",
    ],
)
def test_an_address_with_such_text_is_answered_in_words(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 400
    page = response.content.decode()
    assert ("ཉར་མི་ཐུབ་པའི་རྟགས" if address.startswith("/bo/") else "系统无法保存的字符") in page
    assert "cannot be stored" in page
    assert response["Cache-Control"] == "no-store"


def test_a_program_gets_the_code() -> None:
    response = Client().get("/api/v1/packages/?since=%00")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "unreadable-text")


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["username", "password", "beside"])
def test_a_form_with_such_text_is_refused_before_any_view_reads_it(field: str) -> None:
    response = Client().post("/login/", {"username": "a", "password": "b", field: f"a{NUL}b"})
    assert response.status_code == 400
    assert "重新输入" in response.content.decode()


def test_the_name_of_a_file_is_text_too() -> None:
    file = SimpleUploadedFile("a.txt", b"\0\0")
    request = RequestFactory().post("/members/", {"file": file})
    request.FILES["file"].name = f"a{NUL}.txt"
    assert ReadableTextMiddleware(_never)(request).status_code == 400


def test_a_file_may_hold_any_bytes() -> None:
    request = RequestFactory().post("/members/", {"file": SimpleUploadedFile("a.bin", b"\0\xff")})
    with pytest.raises(_Reached):
        ReadableTextMiddleware(_never)(request)


@pytest.mark.parametrize("path", ["/admin/media/video/add/", "/api/v1/records/"])
def test_uploads_and_programs_bodies_are_left_to_whom_they_are_for(path: str) -> None:
    request = RequestFactory().post(path, {"title": NUL})
    with pytest.raises(_Reached):
        ReadableTextMiddleware(_never)(request)
    assert not hasattr(request, "_post"), "the body has not been read"


def test_a_session_cookie_written_in_octal_cannot_smuggle_one_in(web_server: WebServer) -> None:
    answer = web_server.request("GET", "/me/", {"Cookie": 'sessionid="\\000aaaaaaaaaaaaaaaa"'})
    assert answer.status == 400
    assert "系统无法保存的字符" in answer.body.decode()


def test_bytes_that_are_no_text_never_break_the_server(web_server: WebServer) -> None:
    for line in (b"GET /search/?q=\xff\xfe HTTP/1.1", b"GET /%ff%00/ HTTP/1.1", b"GET /b/%00 HTTP/1.1"):
        with web_server.open_socket(line + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n") as sock:
            assert sock.recv(64).split()[1] in (b"400", b"404"), line


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a\0b.mp4", "a\ud800b.mp4"])
def test_a_lecture_whose_name_cannot_be_kept_loses_only_that_part_of_its_name(
    name: str, client: Client, settings, tmp_path
) -> None:
    settings.WORK_DIR = tmp_path
    client.force_login(make.make_editor())
    said = base64.b64encode(name.encode("utf-8", "surrogatepass")).decode()
    headers = {**TUS, "Upload-Length": str(len(make.SMALL_MP4)), "Upload-Metadata": f"filename {said}"}
    upload_id = client.post(reverse("lessons_media:tus"), headers=headers).headers["Location"].split("/")[-2]
    [note] = resumable.default_folder().root.glob("*.json")
    assert note.stem == upload_id
    assert is_readable(json.loads(note.read_text())["name"])


class _Reached(PersonError):
    """The request went on to the view."""


def _never(request: object) -> object:
    raise _Reached
