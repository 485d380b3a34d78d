"""A disk that is really full: said in both languages, nothing half-written left, and the work goes on afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from cms.core.models import LectureMedia
from cms.core.uploads import RESERVE_BYTES
from cms.lessons import resumable
from config.errors import is_disk_full
from media_pipeline.objects import FolderStore
from tests.factories import cms as make
from tests.factories.uploads import announce, finish, send, started
from tests.services.small_disk import SmallDisk, small_disk
from tests.services.web_server import WebServer

pytestmark = pytest.mark.django_db(transaction=True)

MB = 1024 * 1024
BOUNDARY = b"----a-form"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def editor(settings, disk: SmallDisk) -> Client:
    """A signed-in editor; uploads and media lie on the small disk."""
    settings.WORK_DIR = disk.folder / "work"
    settings.MEDIA_ROOT = disk.folder / "media"
    client = Client()
    client.force_login(make.make_editor())
    return client


def lecture(length: int) -> bytes:
    return make.SMALL_MP4 + bytes(length - len(make.SMALL_MP4))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != "ballast")


def test_a_lecture_larger_than_what_is_free_is_refused_with_both_figures_before_a_byte_is_sent(
    editor: Client, settings
) -> None:
    settings.MAX_UPLOAD_BYTES = 1 << 60
    free = shutil.disk_usage(settings.STATE_DIR).free
    answer = announce(editor, free + 3 * 1024**3, name="大课.mp4")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (507, "upload-no-room")
    needed = f"{(free + 3 * 1024**3 + RESERVE_BYTES) / 1e9:.1f} GB"
    assert needed in error["message"]
    assert needed in error["message_en"]
    assert files(settings.WORK_DIR) == []


def test_a_disk_that_fills_in_mid_upload_keeps_the_whole_pieces_and_the_upload_goes_on_when_there_is_room(
    editor: Client, disk: SmallDisk, settings
) -> None:
    content = lecture(10 * MB)
    upload_id = started(editor, len(content))
    assert send(editor, upload_id, 0, content[: 4 * MB]).status_code == 204

    disk.leave(2 * MB)
    answer = send(editor, upload_id, 4 * MB, content[4 * MB : 8 * MB])
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (507, "disk-full")
    assert "磁盘空间不够" in error["message"]
    assert "too little room" in error["message_en"]
    [part] = resumable.default_folder().root.glob("*.part")
    assert part.read_bytes() == content[: 4 * MB], "cut back to the last whole piece"

    disk.make_room()
    assert send(editor, upload_id, 4 * MB, content[4 * MB : 8 * MB]).status_code == 204
    assert send(editor, upload_id, 8 * MB, content[8 * MB :]).status_code == 204
    finished = finish(editor, upload_id, content)
    assert finished.status_code == 201
    with LectureMedia.objects.get(pk=finished.json()["id"]).file.open() as kept:
        assert kept.read() == content


def form(length: int) -> bytes:
    head = b'Content-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    return b"--" + BOUNDARY + b"\r\n" + head + lecture(length) + b"\r\n--" + BOUNDARY + b"--\r\n"


@pytest.mark.parametrize("copy", ["body", "file"], ids=["as the body comes in", "as its file is taken out of the form"])
def test_a_form_that_the_disk_cannot_take_is_answered_with_what_to_do_and_leaves_nothing(
    copy: str, web_server: WebServer, disk: SmallDisk, settings, monkeypatch
) -> None:
    if copy == "body":
        monkeypatch.setattr("tempfile.tempdir", str(disk.folder))
    else:
        settings.FILE_UPLOAD_TEMP_DIR = str(disk.folder)
    client = Client()
    client.force_login(make.make_editor())
    headers = {
        "Cookie": f"sessionid={client.cookies['sessionid'].value}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}",
        "Accept": "text/html",
    }
    disk.leave(8 * MB)
    answer = web_server.request("POST", reverse("wagtailmedia:add", args=["video"]), headers, form(12 * MB))
    page = answer.body.decode()
    assert answer.status == 507
    assert "磁盘空间不够" in page
    assert "too little room" in page
    assert files(disk.folder) == []
    assert not LectureMedia.objects.exists()


def test_an_object_that_does_not_fit_is_not_there_at_all(disk: SmallDisk, tmp_path: Path) -> None:
    store = FolderStore(disk.folder / "objects")
    large = tmp_path / "large"
    large.write_bytes(bytes(8 * MB))
    disk.leave(2 * MB)
    with pytest.raises(OSError) as refusal:
        store.put_file(large)
    assert is_disk_full(refusal.value)
    assert files(disk.folder) == []
    disk.make_room()
    assert store.exists(store.put_file(large))


def test_a_full_database_is_a_full_disk_too() -> None:
    if connection.vendor != "sqlite":
        # PostgreSQL says so by its own code; a cluster cannot be filled from here.
        assert is_disk_full(_PostgresSays("53100"))
        assert not is_disk_full(_PostgresSays("23505"))
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            with pytest.raises(DatabaseError) as refusal:
                cursor.execute("CREATE TABLE ballast AS SELECT zeroblob(50000000) AS content")
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert is_disk_full(refusal.value)


class _PostgresSays(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate
