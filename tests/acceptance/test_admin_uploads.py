"""Several recordings at once over a line that breaks, from a page that is loaded again: every byte arrives once."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from cms.core.models import LectureMedia
from cms.lessons import resumable
from cms.lessons.models import Lesson
from tests.acceptance.browser import chromium, picture
from tests.factories import cms as make
from tests.throttling_proxy import ThrottlingProxy

SLOW_KBIT_S, FAST_KBIT_S = 8_000, 1_000_000
LENGTH = 6 << 20
FILE = ".media-progress__file"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def lectures(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "水塔.mp4", tmp_path / "草场.mp4"]
    for seed, file in enumerate(files):
        file.write_bytes(make.SMALL_MP4 + random.Random(seed).randbytes(LENGTH))
    return files


def arrived() -> dict[str, int]:
    """Bytes on the server of each unfinished upload, by the name of its file."""
    folder = resumable.default_folder()
    notes = [folder._read_note(note) for note in folder.root.glob("*.json")]
    return {note.name: folder.offset(note) for note in notes if note is not None and not note.is_finished}


def wait_until_begun(page: Page, count: int) -> dict[str, int]:
    while len(arrived()) < count or min(arrived().values()) < 100_000:
        page.wait_for_timeout(50)
    return arrived()


def at_rest(page: Page) -> dict[str, int]:
    """What has arrived once the server is done with the last piece that had come whole before the cut."""
    seen = arrived()
    while True:
        page.wait_for_timeout(1_500)
        if arrived() == seen:
            return seen
        seen = arrived()


def sha256_of_media() -> dict[str, str]:
    found = {}
    for media in LectureMedia.objects.all():
        with media.file.open() as file:
            found[media.title] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def test_two_uploads_at_once_survive_a_cut_line_and_a_page_that_is_loaded_again(
    desk: BrowserContext, link: ThrottlingProxy, lectures: list[Path]
) -> None:
    page = desk.pages[0]
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/admin/lessons/uploading/")
    link.kbit_s = SLOW_KBIT_S
    page.set_input_files(FILE, lectures)
    lines = page.locator("upload-line")
    expect(lines).to_have_count(2)
    wait_until_begun(page, 2)
    expect(lines.nth(0).locator(".upload-line__figures")).to_contain_text("MB")
    picture(page, "admin-uploading")

    link.cut()
    expect(page.locator("upload-line[data-state=offline]")).to_have_count(2)
    expect(page.get_by_role("alert").first).to_contain_text("正在等待恢复")
    before = arrived()
    link.restore()
    page.wait_for_function("document.querySelectorAll('upload-line[data-state=sending]').length === 2")
    while any(arrived()[name] <= before[name] for name in before):
        page.wait_for_timeout(50)

    link.cut()
    page.goto("about:blank")
    kept = at_rest(page)
    link.kbit_s = FAST_KBIT_S
    link.restore()
    first: dict[str, int] = {}

    def note(request: Request) -> None:
        if request.method == "PATCH":
            first.setdefault(request.url, int(request.headers["upload-offset"]))

    page.on("request", note)
    page.goto("/admin/lessons/uploading/")
    expect(page.get_by_text("还没有传完")).to_have_count(len(kept))
    picture(page, "admin-uploading-again")
    page.set_input_files(FILE, [file for file in lectures if file.name in kept])
    expect(page.locator("upload-line[data-state=done]")).to_have_count(len(kept))
    assert sorted(first.values()) == sorted(kept.values()), "what had arrived was not sent again"
    assert sha256_of_media() == {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in lectures}
    assert list(resumable.default_folder().root.glob("*.part")) == []


HAND_OVER = """async ([name, content]) => {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(name, { create: true });
  const writer = await handle.createWritable();
  const bytes = new Uint8Array(content.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = content.charCodeAt(at);
  await writer.write(bytes);
  await writer.close();
  document.querySelector('media-progress').begin(await handle.getFile(), handle);
}"""


def test_an_upload_whose_file_the_browser_may_read_goes_on_by_itself_in_the_field_it_was_for(
    desk: BrowserContext, link: ThrottlingProxy, editor: str, lectures: list[Path]
) -> None:
    lesson = make.make_lesson(video=None, published=False)
    page = desk.pages[0]
    page.on("dialog", lambda dialog: dialog.accept())
    url = f"/admin/pages/{lesson.pk}/edit/"
    page.goto(url)
    content = lectures[0].read_bytes()
    page.evaluate(HAND_OVER, ["水塔.mp4", content.decode("latin-1")])
    link.kbit_s = SLOW_KBIT_S
    kept = wait_until_begun(page, 1)
    link.kbit_s = FAST_KBIT_S
    page.goto("about:blank")
    page.goto(url)
    page.wait_for_selector("media-progress[data-state=received], media-progress[data-state=unregistered]")
    media = LectureMedia.objects.get(pk=page.input_value("#id_video"))
    with media.file.open() as file:
        assert file.read() == content
    assert kept
    assert Lesson.objects.get(pk=lesson.pk).video_id != media.pk, "the form is not saved for the person"


def test_an_upload_is_paused_continued_and_given_up_by_its_buttons(
    desk: BrowserContext, link: ThrottlingProxy, lectures: list[Path]
) -> None:
    page = desk.pages[0]
    page.goto("/admin/lessons/uploading/")
    link.kbit_s = SLOW_KBIT_S
    page.set_input_files(FILE, lectures[:1])
    wait_until_begun(page, 1)
    line = page.locator("upload-line")
    line.get_by_role("button", name="暂停").click()
    expect(line).to_have_attribute("data-state", "paused")
    paused = at_rest(page)
    page.wait_for_timeout(1_000)
    assert arrived() == paused
    line.get_by_role("button", name="继续").click()
    while arrived() == paused:
        page.wait_for_timeout(50)
    expect(line.get_by_role("progressbar")).to_have_attribute("aria-label", "上传进度：水塔.mp4")
    line.get_by_role("button", name="放弃上传").click()
    expect(line).to_have_count(0)
    while arrived():
        page.wait_for_timeout(50)
    assert not LectureMedia.objects.exists()
