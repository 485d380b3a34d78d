"""Uploads and the progress panel, as the script in the edit page talks to them."""

from __future__ import annotations

import hashlib
import html
import io
import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cms.core.models import LectureMedia
from cms.lessons import receivers, resumable
from cms.lessons.errors import UploadExpired, UploadOutOfStep
from cms.lessons.models import Lesson
from cms.lessons.panels import UPLOAD_WORDS, WORDS
from media_pipeline.models import MediaSource, TranscodeJob
from tests.factories import cms as make
from tests.factories.uploads import TUS, announce, ask, finish, give_up, send, started

pytestmark = pytest.mark.django_db

JSON = {"HTTP_ACCEPT": "application/json"}
LECTURE = make.SMALL_MP4 + os.urandom(3000)


@pytest.fixture(autouse=True)
def own_work_folder(settings, tmp_path):
    settings.WORK_DIR = tmp_path


@pytest.fixture
def editor():
    return make.make_editor()


@pytest.fixture
def browser(client, editor) -> Client:
    client.force_login(editor)
    return client


def leftovers() -> list[str]:
    return [path.name for path in resumable.default_folder().root.glob("*")]


def uploaded(browser: Client, content: bytes, **said: str) -> str:
    upload_id = started(browser, len(content), **said)
    assert send(browser, upload_id, 0, content).status_code == 204
    return upload_id


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_file_in_pieces_becomes_media_that_is_transcoded(browser, django_capture_on_commit_callbacks) -> None:
    upload_id = started(browser, len(LECTURE))
    assert send(browser, upload_id, 0, LECTURE[:1000]).headers["Upload-Offset"] == "1000"
    assert send(browser, upload_id, 1000, LECTURE[1000:]).headers["Upload-Offset"] == str(len(LECTURE))
    with django_capture_on_commit_callbacks(execute=True):
        answer = finish(browser, upload_id, LECTURE)
    assert answer.status_code == 201
    media = LectureMedia.objects.get(pk=answer.json()["id"])
    assert media.title == "第一课 𠀀"
    assert media.file.read() == LECTURE
    job = TranscodeJob.objects.get(source=media.media_source)
    assert job.state == TranscodeJob.State.RECEIVED
    assert leftovers() == [f"{upload_id}.json"], "the outcome, for whoever lost the answer"


def test_a_sender_who_lost_the_last_answer_is_told_the_same_media_again(
    browser, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        upload_id = uploaded(browser, LECTURE)
        first = finish(browser, upload_id, LECTURE).json()
        assert finish(browser, upload_id, LECTURE).json() == first
    assert ask(browser, upload_id).headers["Upload-Offset"] == str(len(LECTURE))
    assert code(send(browser, upload_id, len(LECTURE), b"more")) == (409, "upload-out-of-step")
    assert LectureMedia.objects.count() == 1


def test_a_finished_upload_is_not_that_of_a_file_with_other_bytes_or_of_media_that_was_deleted(
    browser, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        upload_id = uploaded(browser, LECTURE)
        media = finish(browser, upload_id, LECTURE).json()
    assert code(finish(browser, upload_id, LECTURE + b"x")) == (404, "upload-not-found")
    LectureMedia.objects.get(pk=media["id"]).delete()
    assert code(finish(browser, upload_id, LECTURE)) == (404, "upload-not-found")


def test_a_file_whose_bytes_are_not_the_senders_becomes_no_media_and_is_to_be_sent_again(browser) -> None:
    upload_id = uploaded(browser, LECTURE)
    assert code(finish(browser, upload_id, LECTURE[:-1] + b"x")) == (460, "upload-corrupted")
    assert not LectureMedia.objects.exists()
    assert leftovers() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"sha256": 1}', b'{"sha256": "ab"}', b"\xff", b"[" * 100_000, b'{"sha256": "' + b"A" * 64],
)
def test_the_end_of_an_upload_must_say_what_the_whole_file_hashes_to(body, browser) -> None:
    upload_id = uploaded(browser, LECTURE)
    url = reverse("lessons_media:upload_finish", args=[upload_id])
    assert code(browser.post(url, body, content_type="application/json", **JSON)) == (400, "upload-unreadable")
    assert not LectureMedia.objects.exists()


def test_the_same_bytes_twice_are_one_source(browser, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            finish(browser, uploaded(browser, LECTURE), LECTURE)
    assert LectureMedia.objects.count() == 2
    assert MediaSource.objects.count() == 1
    assert TranscodeJob.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [b"this is a text file " * 60, "讲稿".encode() * 400, b"#EXTM3U\n" * 100, b"\x00" * 900, b"<html>" * 200],
    ids=["text", "chinese text", "playlist", "zeros", "html"],
)
def test_what_is_no_recording_is_refused_by_its_first_bytes(content, browser) -> None:
    upload_id = started(browser, len(content))
    answer = send(browser, upload_id, 0, content)
    assert answer.status_code == 415
    assert answer.json()["error"]["code"] == "upload-not-a-recording"
    assert "MP4" in answer.json()["error"]["message"]
    assert "MP4" in answer.json()["error"]["message_en"]
    assert leftovers() == []
    assert not LectureMedia.objects.exists()


def test_a_tiny_text_file_is_refused_too(browser) -> None:
    upload_id = started(browser, 5)
    assert send(browser, upload_id, 0, b"hello").status_code == 415
    assert leftovers() == []


def test_what_is_no_recording_is_refused_however_small_its_first_pieces_are(browser) -> None:
    upload_id = started(browser, 2000)
    for offset in range(0, 500, 100):
        assert send(browser, upload_id, offset, b"t" * 100).status_code == 204
    assert send(browser, upload_id, 500, b"t" * 100).status_code == 415
    assert leftovers() == []


def test_an_empty_file_is_refused_before_it_is_sent(browser) -> None:
    assert code(announce(browser, 0)) == (400, "upload-empty")


def test_a_file_larger_than_the_disk_is_refused_before_it_is_sent(browser, monkeypatch) -> None:
    monkeypatch.setattr("cms.core.uploads.free_bytes", lambda: 2 << 30)
    assert code(announce(browser, 3 << 30)) == (507, "upload-no-room")
    assert leftovers() == []


def test_an_expired_sign_in_stops_nothing_for_good(browser, editor, django_capture_on_commit_callbacks) -> None:
    upload_id = started(browser, len(LECTURE))
    send(browser, upload_id, 0, LECTURE[:1000])
    browser.logout()
    answer = send(browser, upload_id, 1000, LECTURE[1000:])
    assert code(answer) == (401, "session-expired")
    assert "登录" in answer.json()["error"]["message"]
    assert not LectureMedia.objects.exists()
    browser.force_login(editor)
    offset = int(ask(browser, upload_id).headers["Upload-Offset"])
    assert offset == 1000
    send(browser, upload_id, offset, LECTURE[offset:])
    with django_capture_on_commit_callbacks(execute=True):
        assert finish(browser, upload_id, LECTURE).status_code == 201


def test_a_piece_out_of_step_is_told_where_to_go_on(browser) -> None:
    upload_id = started(browser, len(LECTURE))
    send(browser, upload_id, 0, LECTURE[:1000])
    for offset in (0, 999, 2000, 1 << 61):
        answer = send(browser, upload_id, offset, b"again")
        assert answer.status_code == 409
        assert answer.headers["Upload-Offset"] == "1000"
        assert "1000" in answer.json()["error"]["message"]
    for offset in ("x", "-1", "", "9" * 5000):
        assert code(send(browser, upload_id, offset, b"again")) == (400, "upload-unreadable")


def announced_in(folder: resumable.UploadFolder, length: int) -> resumable.Announcement:
    return folder.start(owner=1, name="a.mp4", length=length, media_type="video")


def test_a_piece_that_is_sent_again_while_the_first_is_written_counts_once(tmp_path) -> None:
    folder = resumable.UploadFolder(tmp_path)
    piece = make.SMALL_MP4 + os.urandom(resumable.PIECE_BYTES - len(make.SMALL_MP4))
    for _ in range(10):
        announced = announced_in(folder, 3 * len(piece))

        def deliver(_number: int, announced: resumable.Announcement = announced) -> str:
            try:
                return str(folder.append(announced, offset=0, body=io.BytesIO(piece), length=len(piece)))
            except UploadOutOfStep:
                return "out of step"

        with ThreadPoolExecutor(4) as pool:
            answers = sorted(pool.map(deliver, range(4)))
        assert answers == [str(len(piece)), *["out of step"] * 3]
        assert folder.offset(announced) == len(piece)


def test_an_upload_that_is_finished_twice_at_once_becomes_one_file(tmp_path) -> None:
    folder = resumable.UploadFolder(tmp_path)
    announced = announced_in(folder, len(LECTURE))
    folder.append(announced, offset=0, body=io.BytesIO(LECTURE), length=len(LECTURE))
    taken: list[bytes] = []

    def keep(file: resumable.PartFile) -> int:
        time.sleep(0.1)
        taken.append(file.read())
        return 7

    sha256 = hashlib.sha256(LECTURE).hexdigest()
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: folder.take(announced, sha256=sha256, into=keep), range(2))) == [7, 7]
    assert taken == [LECTURE]


def test_more_than_was_announced_is_refused(browser) -> None:
    upload_id = started(browser, 1000)
    assert send(browser, upload_id, 0, LECTURE[:1001]).status_code == 413


def test_an_incomplete_file_does_not_become_media(browser) -> None:
    upload_id = started(browser, len(LECTURE))
    send(browser, upload_id, 0, LECTURE[:1000])
    assert code(finish(browser, upload_id, LECTURE)) == (409, "upload-out-of-step")
    assert not LectureMedia.objects.exists()


@pytest.mark.parametrize("upload_id", ["0" * 32, "not-an-id", "..", "a" * 33])
def test_an_unknown_upload_says_so(upload_id, browser) -> None:
    assert send(browser, upload_id, 0, b"x").status_code == 404


def test_another_editors_upload_is_out_of_reach(browser) -> None:
    upload_id = uploaded(browser, LECTURE)
    other = Client()
    other.force_login(make.make_editor())
    assert ask(other, upload_id).status_code == 404
    assert send(other, upload_id, 0, LECTURE).status_code == 404
    assert give_up(other, upload_id).status_code == 404
    assert finish(other, upload_id, LECTURE).status_code == 404
    assert other.get(reverse("lessons_media:uploads_mine")).json() == {"uploads": []}


def test_giving_up_leaves_nothing(browser) -> None:
    upload_id = started(browser, len(LECTURE))
    send(browser, upload_id, 0, LECTURE[:1000])
    assert give_up(browser, upload_id).status_code == 204
    assert leftovers() == []
    assert ask(browser, upload_id).status_code == 404


def test_what_nobody_continues_is_gone_after_two_days_and_swept_away(browser, editor) -> None:
    upload_id = uploaded(browser, LECTURE)
    root = resumable.default_folder().root
    before, after = (
        resumable.UploadFolder(root, clock=lambda late=late: time.time() + resumable.KEPT_S + late)
        for late in (-60, 60)
    )
    assert before.find(upload_id, owner=editor.pk).length == len(LECTURE)
    before.sweep()
    assert len(leftovers()) == 2
    with pytest.raises(UploadExpired):
        after.find(upload_id, owner=editor.pk)
    assert after.of_owner(editor.pk) == []
    after.sweep()
    assert leftovers() == []


def test_what_a_process_that_was_killed_left_of_an_announcement_is_swept_away(tmp_path) -> None:
    (tmp_path / f"{'a' * 32}.part").touch()
    (tmp_path / f"{'b' * 32}.new").touch()
    resumable.UploadFolder(tmp_path, clock=lambda: time.time() + resumable.KEPT_S + 60).sweep()
    assert list(tmp_path.iterdir()) == []


def test_a_running_worker_sweeps_too(browser) -> None:
    upload_id = uploaded(browser, LECTURE)
    for path in resumable.default_folder().root.glob(f"{upload_id}.*"):
        os.utime(path, (0, 0))
    receivers.sweep_uploads()
    assert leftovers() == []


def test_who_may_not_upload_is_told(client) -> None:
    client.force_login(make.make_user("reviewers"))
    assert code(announce(client, 1000)) == (403, "not-permitted")
    assert client.get(reverse("lessons_media:uploading")).status_code == 302


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "5"},
        {"Upload-Length": "x"},
        {"Upload-Length": "-1"},
        {"Upload-Length": "9" * 5000},
        {"Upload-Length": "5", "Upload-Metadata": "filename"},
        {"Upload-Length": "5", "Upload-Metadata": "filename ???"},
        {"Upload-Length": "5", "Upload-Metadata": "filename IA=="},
        {"Upload-Length": "5", "Upload-Metadata": "filename YQ==,filename YQ=="},
        {"Upload-Length": "5", "Upload-Metadata": "filename " + "YWFh" * 5000},
        {"Upload-Metadata": "filename YQ=="},
    ],
    ids=lambda headers: str(headers)[:50],
)
def test_a_garbled_announcement_is_answered_in_json(headers, browser) -> None:
    answer = browser.post(reverse("lessons_media:tus"), headers={**TUS, **headers})
    assert code(answer) == (400, "upload-unreadable")
    assert leftovers() == []


def test_the_page_of_uploads_shows_ones_own_and_gives_up_without_a_script(browser, editor) -> None:
    url = reverse("lessons_media:uploading")
    upload_id = started(browser, len(LECTURE), name="水塔.mp4", fingerprint="video 水塔.mp4 1 2")
    send(browser, upload_id, 0, LECTURE[:1000])
    assert "水塔.mp4" in browser.get(url).content.decode()
    [listed] = browser.get(reverse("lessons_media:uploads_mine"), **JSON).json()["uploads"]
    assert (listed["offset"], listed["length"], listed["fingerprint"], listed["finished"]) == (
        1000, len(LECTURE), "video 水塔.mp4 1 2", False,
    )  # fmt: skip
    assert browser.post(url, {"give_up": upload_id}).status_code == 302
    assert "水塔.mp4" not in browser.get(url).content.decode()
    assert leftovers() == []
    assert url in browser.get(reverse("wagtailadmin_home")).content.decode()


def test_the_librarys_own_form_refuses_the_same_files(browser) -> None:
    url = reverse("wagtailmedia:add", args=["video"])
    for content, said in ((b"hello, no video", "不是音视频"), (b"", "")):
        answer = browser.post(url, {"title": "课", "file": SimpleUploadedFile("课.mp4", content)})
        assert answer.status_code == 200
        assert said in answer.content.decode()
    assert not LectureMedia.objects.exists()


# --- the progress panel ---------------------------------------------------------------------------


def status(browser: Client, media: LectureMedia):
    return browser.get(reverse("lessons_media:status", args=[media.pk]), **JSON)


def test_the_panel_is_told_state_progress_and_every_rung(browser) -> None:
    source = make.make_source(rungs=("opus-16", "h264-240"))
    TranscodeJob.objects.create(
        source=source, preset_version="2026.1", state=TranscodeJob.State.ENCODING, progress=0.42, step="h264-360"
    )
    said = status(browser, make.make_media(source=source)).json()
    assert (said["state"], said["state_label"], said["progress"], said["step"]) == (
        "encoding",
        "转码中",
        0.42,
        "h264-360",
    )
    assert [rung["name"] for rung in said["renditions"]] == ["opus-16", "h264-240"]
    assert said["can_cancel"]
    assert not said["can_retry"]
    assert not said["finished"]


def test_the_panel_is_told_why_it_failed_in_both_languages(browser) -> None:
    source = make.make_source(rungs=())
    TranscodeJob.objects.create(
        source=source, preset_version="2026.1", state=TranscodeJob.State.FAILED, error_code="probe", error_detail="{}"
    )
    said = status(browser, make.make_media(source=source)).json()
    assert said["error"]["code"] == "probe"
    assert said["error"]["message"]
    assert said["error"]["message_en"]
    assert said["can_retry"]
    assert said["finished"]


def test_cancel_and_retry(browser, editor) -> None:
    source = make.make_source(rungs=())
    media = make.make_media(source=source, user=editor)
    TranscodeJob.objects.create(source=source, preset_version="2026.1")
    assert browser.post(reverse("lessons_media:cancel", args=[media.pk]), **JSON).json()["state"] == "cancelled"
    again = browser.post(reverse("lessons_media:cancel", args=[media.pk]), **JSON)
    assert 400 <= again.status_code < 500
    assert again.json()["error"]["message"]
    assert browser.post(reverse("lessons_media:retry", args=[media.pk]), **JSON).json()["state"] == "received"


def test_media_that_did_not_reach_the_pipeline_offers_a_retry(browser, editor) -> None:
    media = LectureMedia.objects.create(title="丢失", type="video", file="media/gone.mp4", uploaded_by_user=editor)
    said = status(browser, media).json()
    assert (said["state"], said["can_retry"]) == ("unregistered", True)
    assert browser.post(reverse("lessons_media:retry", args=[media.pk]), **JSON).status_code == 404


def test_unknown_media_and_an_expired_sign_in_are_answered_in_json(browser) -> None:
    url = reverse("lessons_media:status", args=[987654])
    assert browser.get(url, **JSON).json()["error"]["code"] == "media-not-found"
    browser.logout()
    assert browser.get(url, **JSON).json()["error"]["code"] == "session-expired"


def test_previews_are_for_staff_and_by_range(browser) -> None:
    source = make.make_source(rungs=("aac-24",))
    rung = source.renditions.get()
    url = reverse("lessons_media:object", args=[rung.sha256]) + "?type=audio%2Fmp4"
    whole = b"".join(browser.get(url).streaming_content)
    assert len(whole) == rung.length
    part = browser.get(url, HTTP_RANGE="bytes=2-5")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, whole[2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{rung.length}"
    tail = browser.get(url, HTTP_RANGE="bytes=-3")
    assert b"".join(tail.streaming_content) == whole[-3:]
    assert browser.get(url, HTTP_RANGE=f"bytes={rung.length}-").status_code == 416
    for odd in ("bytes=5-2", "bytes=x-y", "items=0-1", "bytes=0-1,3-4"):
        assert browser.get(url, HTTP_RANGE=odd).status_code in (200, 416)
    browser.logout()
    assert browser.get(url).status_code == 302


@pytest.mark.parametrize("sha256", ["x", "..", "A" * 64, "0" * 64])
def test_a_preview_of_what_is_no_object_is_not_found(sha256, browser) -> None:
    assert browser.get(reverse("lessons_media:object", args=[sha256])).status_code == 404


def test_the_panel_stands_in_the_create_and_the_edit_page(browser, editor) -> None:
    unit = make.make_unit(make.make_outline(published=False), published=False)
    lesson = make.make_lesson(unit, author=editor)
    for url in (
        reverse("wagtailadmin_pages:add", args=["lessons", "lesson", unit.pk]),
        reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
    ):
        page = browser.get(url).content.decode()
        assert '<media-progress data-input="id_video" data-type="video"' in page
        assert "id_tracks-__prefix__-audio" in page
        assert "media-progress.js" in page


def test_the_overview_shows_what_each_lesson_lacks(browser, editor) -> None:
    unit = make.make_unit(make.make_outline(published=False, title="两弹一星精神"), published=False)
    make.make_lesson(unit, author=editor, title="缺很多的课")
    make.make_lesson(
        unit,
        author=editor,
        title="齐全的课",
        dubs=("adx",),
        subtitles={"zh-hans": b"WEBVTT\n\n00:01.000 --> 00:02.000\na\n"},
    )
    page = browser.get(reverse("curriculum_overview")).content.decode()
    assert "两弹一星精神" in page
    assert "缺很多的课：字幕，没有" in page
    assert "齐全的课：藏语配音，藏语（安多）" in page
    lesson = Lesson.objects.get(title="缺很多的课")
    assert f"/admin/pages/{lesson.pk}/edit/#" in page
    assert "齐全的课" in browser.get(reverse("curriculum_overview") + "?gaps=1").content.decode()


SCRIPTS = Path(settings.BASE_DIR) / "cms" / "lessons" / "static" / "lessons"
CHINESE = re.compile(r"['`]([^'`\n]*[\u4e00-\u9fff][^'`\n]*)['`]")


@pytest.mark.parametrize(
    ("scripts", "words"),
    [
        (["media-progress.js"], WORDS),
        (["tus-upload.js", "direct-upload.js", "upload-line.js", "upload-list.js"], UPLOAD_WORDS),
    ],
    ids=["progress", "uploads"],
)
def test_every_word_that_a_script_says_is_one_that_can_be_translated(scripts, words) -> None:
    code = "".join((SCRIPTS / name).read_text("utf-8") for name in scripts)
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
    assert set(CHINESE.findall(code)) == set(words)
    assert set(re.findall(r"say\(\s*'([^']+)'", code)) == set(words)


def test_the_panel_brings_its_words_in_the_language_of_the_admin(browser, editor) -> None:
    unit = make.make_unit(make.make_outline(published=False), published=False)
    page = browser.get(reverse("wagtailadmin_pages:add", args=["lessons", "lesson", unit.pk])).content.decode()
    said = json.loads(html.unescape(re.search(r'data-words="([^"]+)"', page)[1]))
    assert set(said) == {*WORDS, *UPLOAD_WORDS}
