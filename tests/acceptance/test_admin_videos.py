"""视频处理 at a real browser: a recording is transcoded, stopped, taken up again and looked at, rung beside rung."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.files import File
from django.db import connection
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cms.core.models import LectureMedia
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.presets import PRESET_VERSION
from tests.acceptance.axe import AXE
from tests.acceptance.browser import chromium, picture, until
from tests.factories import cms as make
from tests.lecture_maker import make_lecture
from tests.services.web_server import WebServer

PASSWORD = "long-enough-word"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 640}
STALE_S = 5.0
"""The issue: progress is at most five seconds old."""
PLAN = {
    "rungs": ["opus-16", "aac-24", "deck", "h264-240", "h264-360"],
    "dropped": {"av1-480": "larger-than-source"},
    "class": "slides",
    "why": {"still_share": 0.92, "changes_a_minute": 1.4},
    "target_vmaf": 95,
    "rate": "25/1",
    "choices": {
        name: {
            "crf": crf, "vmaf": vmaf, "vmaf_p5": vmaf - 6.2, "kbit_s": kbit,
            "reel": [[crf - 5, vmaf + 2.4, kbit * 1.8], [crf, vmaf, kbit], [crf + 5, vmaf - 5, kbit * 0.6]],
        }
        for name, crf, vmaf, kbit in (("h264-240", 29, 95.3, 31.0), ("h264-360", 31, 96.8, 64.0))
    },
    "chunks": {"total": 12, "encoded": 12, "reused": 4},
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lecture(tmp_path_factory.mktemp("clip") / "三江源的水.mp4", duration_s=150, slides=12).path


@pytest.fixture
def rooms(settings, tmp_path: Path, transactional_db: None) -> None:
    """Folders of the test's own, and an editor."""
    for name in ("OBJECTS_DIR", "PUBLIC_TREE_DIR", "WORK_DIR", "MEDIA_ROOT"):
        setattr(settings, name, tmp_path / name.lower())
    made = make.make_editor(username="editor")
    made.set_password(PASSWORD)
    made.save()


@pytest.fixture
def desk(browser: Browser, web_server: WebServer, rooms: None) -> Iterator[BrowserContext]:
    """An editor signed in at a PC."""
    context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=web_server.url)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("#id_username", "editor")
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/admin/")
    yield context
    context.close()


@pytest.fixture
def worker(rooms: None) -> Iterator[None]:
    """A worker process over the test's database and folders."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    changes = {
        "database": {name: str(connection.settings_dict.get(name) or "") for name in names},
        "rooms": {n: str(getattr(configured, n)) for n in ("OBJECTS_DIR", "PUBLIC_TREE_DIR", "WORK_DIR", "MEDIA_ROOT")},
        "lease_s": 20,
    }
    command = [sys.executable, "-m", "tests.integration.media_pipeline.worker_process", json.dumps(changes)]
    process = subprocess.Popen(command, cwd=configured.BASE_DIR)
    yield
    process.terminate()
    process.wait(20)


def uploaded(lecture: Path) -> LectureMedia:
    with lecture.open("rb") as reader:
        media = LectureMedia.objects.create(title="三江源的水", type="video", file=File(reader, name="water.mp4"))
    media.refresh_from_db()
    return media


def faults(page: Page, scope: str) -> list[str]:
    """What axe finds inside our part of the page."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        f"axe.run('{scope}').then((told) => told.violations.map((v) => v.id + ': ' + v.nodes[0].html))"
    )
    return list(found)


def whole(page: Page, name: str) -> None:
    """A picture of all of the page: the admin scrolls inside, so the window is made as high as its content."""
    before = page.viewport_size
    page.set_viewport_size({"width": before["width"], "height": 2000})
    picture(page, name)
    page.set_viewport_size(before)


def shown_percent(page: Page) -> int:
    """The number on the page; 100 once the bar is gone."""
    told = re.search(r"(\d+)%", page.inner_text("[data-part=live] [role=status]"))
    return int(told[1]) if told else 100


def sees_the_progress_move(page: Page, job: TranscodeJob, *, upto: int) -> int:
    """Watch the page until it shows `upto` percent; how many numbers it showed, none older than the issue allows."""
    known: list[tuple[float, int]] = []
    numbers: list[int] = []
    while not numbers or numbers[-1] < upto:
        job.refresh_from_db()
        known.append((time.monotonic(), round(100 * job.progress)))
        number = shown_percent(page)
        due = [percent for at, percent in known if at <= time.monotonic() - STALE_S]
        assert not due or number >= due[-1], f"{number} % is shown, {due[-1]} % was reached {STALE_S:.0f} s ago"
        assert not numbers or number >= numbers[-1]
        numbers.append(number)
        page.wait_for_timeout(200)
    return len(set(numbers))


def test_a_recording_is_followed_stopped_taken_up_again_and_compared_rung_by_rung(
    desk: BrowserContext, lecture: Path, request: pytest.FixtureRequest
) -> None:
    media = uploaded(lecture)
    make.make_lesson(video=media, title="三江源的水（草稿）")
    page = desk.pages[0]
    page.goto("/admin/")
    page.get_by_role("link", name="视频处理").click()
    row = page.locator(f"tr[data-video='{media.pk}']")
    expect(row).to_contain_text("已接收")
    request.getfixturevalue("worker")
    page.evaluate("window.sameVisit = true")
    expect(row).to_contain_text("转码", timeout=60_000)
    expect(row).to_contain_text("约还需", timeout=60_000)
    whole(page, "admin-videos-list-running")

    row.get_by_role("link", name="三江源的水").click()
    page.evaluate("window.sameVisit = true")
    job = TranscodeJob.objects.get()
    assert sees_the_progress_move(page, job, upto=24) >= 2
    assert page.evaluate("window.sameVisit")
    page.get_by_role("button", name="取消转码").click()
    expect(page.locator(".videos__pill")).to_contain_text("已取消")
    page.get_by_role("button", name="重试").click()
    page.evaluate("window.sameVisit = true")
    expect(page.locator(".video__rungs tbody tr").first).to_be_visible(timeout=120_000)
    whole(page, "admin-video-running")
    expect(page.locator(".videos__pill")).to_contain_text("已完成", timeout=240_000)
    assert page.evaluate("window.sameVisit")
    expect(page.locator("[data-part=live]")).to_contain_text("省")
    expect(page.get_by_role("button", name="取消转码")).to_have_count(0)
    made = Rendition.objects.filter(source=media.media_source).exclude(kind="poster").count()
    expect(page.locator(".video__rungs tbody tr")).to_have_count(made + 1)
    whole(page, "admin-video-done")
    assert faults(page, ".video") == []

    page.get_by_role("link", name="并排预览").click()
    all_rungs_play_in_step(page)
    whole(page, "admin-video-preview")
    assert faults(page, ".preview") == []


def all_rungs_play_in_step(page: Page) -> None:
    """One button starts them all, one slider moves them all, one sound is heard."""
    expect(page.get_by_role("button", name="一起播放")).to_be_visible()
    page.evaluate("window.of = () => [...document.querySelectorAll('.preview video, .preview audio')]")
    assert page.evaluate("of().length") >= 4
    page.get_by_role("button", name="一起播放").click()
    until(page, "of().every((m) => m.currentTime > 2)")
    together = "Math.max(...of().map((m) => m.currentTime)) - Math.min(...of().map((m) => m.currentTime)) < 0.4"
    until(page, together, seconds=10)
    assert page.evaluate("of().filter((m) => m.tagName === 'VIDEO').every((m) => m.videoWidth > 0)")
    assert page.evaluate("of().filter((m) => !m.muted).length") == 1
    page.locator(".preview__seek").fill("90")
    until(page, f"of().every((m) => m.currentTime > 91) && {together}")
    page.get_by_role("button", name="一起暂停").click()
    until(page, f"of().every((m) => m.paused) && {together}")


def slide(number: int) -> bytes:
    drawn = Image.new("RGB", (1280, 720), (18, 60 + 60 * number, 110))
    ImageDraw.Draw(drawn).rectangle((120, 120, 600 + 200 * number, 260), fill=(230, 200, 120))
    written = io.BytesIO()
    drawn.save(written, "WEBP")
    return written.getvalue()


def ended(title: str, state: str, *, version: str = PRESET_VERSION, **job: object) -> LectureMedia:
    """A recording whose one job ended, with renditions of realistic sizes where it was published."""
    source = make.make_source(rungs=())
    MediaSource.objects.filter(pk=source.pk).update(length=412_000_000, name=f"{title}.mp4", duration_s=2710)
    if state == "published":
        for rung, length in (("opus-16", 5_900_000), ("aac-24", 8_200_000), ("h264-240", 14_300_000),
                             ("h264-360", 31_000_000), ("muxed-240", 22_400_000), ("poster", 21_000)):  # fmt: skip
            made = make.add_rendition(source, rung, version=version)
            Rendition.objects.filter(pk=made.pk).update(length=length, duration_s=2710 if rung != "poster" else None)
    TranscodeJob.objects.create(source=source, preset_version=version, state=state, progress=0.5, **job)
    return make.make_media(source=source, title=title)


def add_deck(media: LectureMedia) -> None:
    pictures, store = [slide(number) for number in range(3)], default_store()
    sha256 = store.put_bytes(b"".join(pictures))
    index = {"v": 1, "slides": [[len(content), 700_000 * number, ""] for number, content in enumerate(pictures)]}
    Rendition.objects.create(
        source=media.media_source, name="deck", kind="deck", mime="image/webp", sha256=sha256, width=1280, height=720,
        length=sum(map(len, pictures)), index_sha256=store.put_bytes(json.dumps(index).encode()),
        preset_version=PRESET_VERSION,
    )  # fmt: skip


def test_plans_failures_and_older_ladders_are_told_in_words_at_a_desk_and_on_a_phone(desk: BrowserContext) -> None:
    planned = ended("讲清楚：草原上的支部怎样守住一条河", "published", plan=PLAN, attempts=1)
    add_deck(planned)
    broken = ended("接羔", "failed", error_code="verify", error_detail='{"reason": "decode status 1"}', attempts=1)
    for number in range(2):
        ended(f"旧方案的课 {number + 1}", "published", version="2025.9")
    page = desk.pages[0]
    for viewport, suffix in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(viewport)
        page.goto("/admin/videos/")
        expect(page.locator("tr[data-video]")).to_have_count(4)
        whole(page, f"admin-videos-list-{suffix}")
        assert faults(page, ".videos") == []
        page.goto(f"/admin/videos/{planned.pk}/")
        expect(page.locator("[data-part=plan]")).to_contain_text("画面 92% 的时间不动")
        expect(page.locator(".quality-chart")).to_have_count(2)
        whole(page, f"admin-video-plan-{suffix}")
        assert faults(page, ".video") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto(f"/admin/videos/{broken.pk}/")
        expect(page.get_by_role("alert")).to_contain_text("转码结果与原文件不符")
        whole(page, f"admin-video-failed-{suffix}")
        page.goto(f"/admin/videos/{planned.pk}/preview/")
        expect(page.locator(".preview__slides img.is-now")).to_have_count(1)
        page.locator(".preview__seek").evaluate("(s) => { s.value = 1500; s.dispatchEvent(new Event('input')); }")
        until(page, "document.querySelector('.preview__slides img.is-now').dataset.start === '1400.0'")
        until(page, "document.querySelector('.preview__slides img.is-now').naturalWidth === 1280")
        whole(page, f"admin-video-deck-{suffix}")

    page.set_viewport_size(DESK)
    page.goto("/admin/videos/")
    page.get_by_label("Search").or_(page.locator("#id_q")).first.fill("接羔")
    expect(page.locator("tr[data-video]")).to_have_count(1)
    page.goto("/admin/videos/?state=outdated")
    expect(page.locator("tr[data-video]")).to_have_count(2)
    page.get_by_role("button", name="全部重新转码").click()
    expect(page.locator(".videos__queue")).to_contain_text("还剩 2 个")
    whole(page, "admin-videos-queue")
    page.get_by_role("button", name="停止排队").click()
    expect(page.locator(".videos__queue")).to_contain_text("2 个视频用的是旧转码方案")


def test_without_javascript_the_pages_tell_the_same_and_their_buttons_work(
    desk: BrowserContext, browser: Browser, web_server: WebServer
) -> None:
    media = ended("没有脚本的浏览器", "failed", error_code="time-limit")
    plain = browser.new_context(
        viewport=DESK, locale="zh-CN", base_url=web_server.url, java_script_enabled=False,
        storage_state=desk.storage_state(),
    )  # fmt: skip
    page = plain.new_page()
    page.goto("/admin/videos/")
    page.get_by_role("link", name="没有脚本的浏览器").click()
    page.get_by_role("button", name="重试").click()
    assert "已重新开始" in page.content()
    page.get_by_role("button", name="取消转码").click()
    assert "已取消" in page.content()
    done = ended("看得见的课", "published")
    page.goto(f"/admin/videos/{done.pk}/preview/")
    expect(page.locator("video[controls]")).to_have_count(3)
    expect(page.locator("audio[controls]")).to_have_count(2)
    plain.close()
    assert media.media_source.jobs.get().state == "cancelled"
