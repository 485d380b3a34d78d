"""Recordings that a browser sends straight to a real S3 store, part by part, over a line that breaks."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect

from cms.core.models import LectureMedia
from media_pipeline import direct_upload
from media_pipeline.management.commands.prepare_bucket import prepare
from media_pipeline.models import MediaSource, TranscodeJob
from media_pipeline.objects_s3 import configured_bucket
from tests.acceptance.browser import chromium, picture
from tests.acceptance.editor_stage import sign_in
from tests.factories import cms as make
from tests.integration.media_pipeline.stores import fresh_bucket
from tests.services.s3 import S3
from tests.throttling_proxy import ThrottlingProxy

SLOW_KBIT_S, FAST_KBIT_S = 12_000, 1_000_000
PART = 5 << 20
ENOUGH_MS = 60_000
FILE = ".media-progress__file"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(autouse=True)
def way(s3: S3, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThrottlingProxy]:
    """The way from browsers to the store; the site itself reaches it directly."""
    own = fresh_bucket(s3)
    with ThrottlingProxy("127.0.0.1", int(urlsplit(own.endpoint).port or 0), kbit_s=FAST_KBIT_S) as proxy:
        storage = {"BACKEND": "media_pipeline.s3_storage.ClassedS3Storage", "OPTIONS": own.options()}
        settings.STORAGES = {**settings.STORAGES, "default": storage, "objects": storage}
        settings.S3_PUBLIC_ENDPOINT = proxy.url
        settings.MEDIA_ORIGINS = [proxy.url]
        monkeypatch.setattr(direct_upload, "PART_BYTES", PART)
        yield proxy


@pytest.fixture
def lectures(tmp_path: Path) -> list[Path]:
    """Of three parts each."""
    files = [tmp_path / "水塔.mp4", tmp_path / "草场.mp4"]
    for seed, file in enumerate(files):
        file.write_bytes(make.SMALL_MP4 + random.Random(seed).randbytes(3 * PART - 500_000))
    return files


@pytest.fixture
def sent(desk: BrowserContext) -> list[str]:
    """What the page has brought to the store: the address and number of each part, as they were taken."""
    taken: list[str] = []

    def note(response: Response) -> None:
        if response.request.method == "PUT" and response.ok:
            address = urlsplit(response.url)
            taken.append(f"{address.path} {parse_qs(address.query)['partNumber'][0]}")

    desk.pages[0].on("response", note)
    return taken


def uploading(desk: BrowserContext) -> Page:
    page = desk.pages[0]
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/admin/lessons/uploading/")
    return page


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_no_recording_is_refused_before_a_part_of_it_is_sent(
    desk: BrowserContext, link: ThrottlingProxy, sent: list[str], tmp_path: Path
) -> None:
    prepare(configured_bucket(), [link.url])
    page = uploading(desk)
    (tmp_path / "笔记.mp4").write_bytes(b"no recording at all " * 40_000)
    page.set_input_files(FILE, tmp_path / "笔记.mp4")
    expect(page.locator("upload-line[data-state=refused]")).to_have_count(1)
    assert sent == []
    assert not MediaSource.objects.exists()


def test_a_store_that_takes_nothing_from_this_page_is_gone_around(
    desk: BrowserContext, sent: list[str], lectures: list[Path]
) -> None:
    """The bucket has no rule for this site: the browser may send nothing there, and speaks tus instead."""
    page = uploading(desk)
    page.set_input_files(FILE, lectures[:1])
    expect(page.locator("upload-line[data-state=done]")).to_have_count(1, timeout=ENOUGH_MS)
    assert sent == []
    assert MediaSource.objects.get().sha256 == digest(lectures[0])


def test_two_at_once_survive_a_cut_line_an_expired_sign_in_and_a_page_that_is_loaded_again(
    desk: BrowserContext,
    link: ThrottlingProxy,
    way: ThrottlingProxy,
    editor: str,
    sent: list[str],
    lectures: list[Path],
) -> None:
    prepare(configured_bucket(), [link.url])
    page = uploading(desk)
    patches: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            patches.append(request.url)

    page.on("request", note)
    way.kbit_s = SLOW_KBIT_S
    page.set_input_files(FILE, lectures)
    while len(sent) < 2:
        page.wait_for_timeout(50)
    expect(page.locator("upload-line progress").first).to_be_visible()
    way.cut()
    expect(page.locator("upload-line[data-state=offline]")).to_have_count(2, timeout=ENOUGH_MS)
    picture(page, "admin-direct-offline")
    before = len(sent)
    way.restore()
    while len(sent) == before:
        page.wait_for_timeout(50)

    way.cut()
    page.goto("about:blank")
    way.kbit_s = FAST_KBIT_S
    way.restore()
    page.goto("/admin/lessons/uploading/")
    expect(page.get_by_text("还没有传完")).to_have_count(2)
    picture(page, "admin-direct-again")
    Session.objects.all().delete()
    page.set_input_files(FILE, lectures)
    expect(page.locator("upload-line[data-state=signed-out]")).to_have_count(2, timeout=ENOUGH_MS)
    other = desk.new_page()
    sign_in(other, editor)
    other.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("upload-line[data-state=done]")).to_have_count(2, timeout=ENOUGH_MS)

    assert sorted(sent) == sorted(set(sent)), "no part that had arrived was sent again"
    assert len(sent) == 6
    assert patches == [], "no byte passed through the site"
    assert {media.title: media.media_source.sha256 for media in LectureMedia.objects.all()} == {
        file.stem: digest(file) for file in lectures
    }
    assert TranscodeJob.objects.count() == 2
    for media, file in zip(LectureMedia.objects.order_by("title"), sorted(lectures), strict=True):
        assert media.file.size == file.stat().st_size
    assert [entry.key for entry in configured_bucket().entries("incoming/")] == []
