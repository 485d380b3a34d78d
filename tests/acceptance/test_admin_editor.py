"""An editor at a real browser: what is done next lies at hand, and a sign-in that ends costs no byte and no word."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, expect
from wagtail.models import WorkflowState

from accounts.models import User
from accounts.services import assign_role
from cms.core.models import LectureMedia, PlatformDocument
from cms.lessons import resumable
from cms.lessons.models import Lesson
from cms.review import services
from cms.review.models import ReviewRecord
from tests.acceptance.browser import chromium, picture
from tests.acceptance.editor_stage import PASSWORD, sign_in
from tests.factories import cms as make
from tests.factories import offline
from tests.throttling_proxy import ThrottlingProxy

LECTURE = make.SMALL_MP4 + os.urandom(10 * 1024 * 1024)
"""Three pieces."""
KBIT_S = 12_000
TITLE = "雪线之下的水塔"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def lecture(tmp_path: Path) -> Path:
    file = tmp_path / "水塔.mp4"
    file.write_bytes(LECTURE)
    return file


def open_a_new_lesson(desk: BrowserContext) -> Page:
    unit = make.make_unit(make.make_outline(published=False), published=False)
    page = desk.pages[0]
    page.goto(f"/admin/pages/add/lessons/lesson/{unit.pk}/")
    page.fill("#id_title", TITLE)
    return page


def arrived() -> int:
    """Bytes of the one unfinished upload on the server; 0 before it began."""
    return max((part.stat().st_size for part in resumable.default_folder().root.glob("*.part")), default=0)


def upload_until_one_piece_is_there(page: Page, link: ThrottlingProxy, lecture: Path) -> None:
    link.kbit_s = KBIT_S
    page.set_input_files(".media-progress__file", lecture)
    while arrived() < resumable.PIECE_BYTES:
        page.wait_for_timeout(50)


def finished(page: Page) -> LectureMedia:
    """The media that the form now holds."""
    page.wait_for_selector("media-progress[data-state=received], media-progress[data-state=unregistered]")
    return LectureMedia.objects.get(pk=page.input_value("#id_video"))


def test_an_upload_whose_session_ends_says_what_to_do_and_goes_on_after_signing_in_elsewhere(
    desk: BrowserContext, link: ThrottlingProxy, editor: str, lecture: Path
) -> None:
    page = open_a_new_lesson(desk)
    upload_until_one_piece_is_there(page, link, lecture)
    Session.objects.all().delete()

    told = page.get_by_role("alert").filter(has_text="登录已过期")
    expect(told).to_contain_text("已上传的部分都在")
    expect(told).to_contain_text("You have been signed out")
    picture(page, "admin-upload-signed-out")
    kept = arrived()
    assert kept >= resumable.PIECE_BYTES
    link.kbit_s = 1_000_000
    with desk.expect_page() as opened:
        page.get_by_role("link", name="在新标签页登录").click()
    sign_in(opened.value, editor)

    page.bring_to_front()
    # Coming back to the tab may have done it already.
    with contextlib.suppress(TimeoutError):
        page.get_by_role("button", name="继续").click(timeout=2_000)
    media = finished(page)
    with media.file.open() as file:
        assert file.read() == LECTURE
    assert page.input_value("#id_title") == TITLE

    page.click("footer >> text=保存草稿")
    page.wait_for_selector(".messages .success")
    lesson = Lesson.objects.get(title=TITLE)
    assert lesson.get_latest_revision_as_object().video_id == media.pk
    assert list(resumable.default_folder().root.glob("*.part")) == []


def test_a_page_that_was_left_to_sign_in_goes_on_with_the_same_file_where_it_stopped(
    desk: BrowserContext, link: ThrottlingProxy, editor: str, lecture: Path
) -> None:
    page = open_a_new_lesson(desk)
    upload_until_one_piece_is_there(page, link, lecture)
    Session.objects.all().delete()
    expect(page.get_by_role("alert").filter(has_text="登录已过期")).to_be_visible()
    kept = arrived()

    page.on("dialog", lambda dialog: dialog.accept())
    link.kbit_s = 1_000_000
    sign_in(page, editor)
    page = open_a_new_lesson(desk)
    sent: list[int] = []
    page.on(
        "request",
        lambda r: sent.append(int(r.headers["upload-offset"])) if r.method == "PATCH" else None,
    )
    page.set_input_files(".media-progress__file", lecture)
    media = finished(page)
    with media.file.open() as file:
        assert file.read() == LECTURE
    assert sent[0] == kept, "what had arrived was not sent again"


def test_another_persons_unfinished_upload_is_no_obstacle(
    desk: BrowserContext, link: ThrottlingProxy, lecture: Path
) -> None:
    page = open_a_new_lesson(desk)
    upload_until_one_piece_is_there(page, link, lecture)
    Session.objects.all().delete()
    expect(page.get_by_role("alert").filter(has_text="登录已过期")).to_be_visible()
    link.kbit_s = 1_000_000
    colleague = make.make_editor()
    colleague.set_password(PASSWORD)
    colleague.save()
    sign_in(desk.new_page(), str(colleague.get_username()))

    page.bring_to_front()
    with contextlib.suppress(TimeoutError):
        page.get_by_role("button", name="继续").click(timeout=2_000)
    media = finished(page)
    assert media.uploaded_by_user_id == colleague.pk
    with media.file.open() as file:
        assert file.read() == LECTURE


def test_enter_in_a_field_hands_nothing_in_and_the_first_button_does(desk: BrowserContext, editor: str) -> None:
    author = User.objects.get(username=editor)
    lesson = make.make_lesson(author=author)
    page = desk.pages[0]
    page.goto(f"/admin/pages/{lesson.pk}/edit/")
    page.focus("#id_title")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.url.endswith("/edit/")
    assert not WorkflowState.objects.exists()
    page.locator("footer button[name=action-submit]:visible").click()
    page.wait_for_url(lambda address: "/edit/" not in address)
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_IN_PROGRESS


def test_a_saved_package_lies_open_at_its_build_tab(
    desk: BrowserContext, editor: str, tmp_path: Path, settings
) -> None:
    settings.OBJECTS_DIR, settings.PUBLIC_TREE_DIR = tmp_path / "objects", tmp_path / "public"
    package = offline.package(offline.lesson())
    assign_role(user=User.objects.get(username=editor), role="editor", organisation=package.campaign.organisation)
    page = desk.pages[0]
    page.goto(f"/admin/snippets/packages/offlinepackage/edit/{package.pk}/")
    page.fill("#id_title", "改过的标题")
    page.click("footer >> text=保存草稿")
    expect(page.locator("[data-build]")).to_be_visible()
    expect(page.locator(".package-build")).to_contain_text("不会装入")
    picture(page, "admin-package-saved")


def test_the_home_of_an_editor_is_the_outline_with_its_gaps_and_speaks_only_chinese(desk: BrowserContext) -> None:
    lesson = make.make_lesson(title="没有字幕的课")
    page = desk.pages[0]
    page.goto("/admin/")
    expect(page.get_by_role("link", name=lesson.title, exact=True)).to_be_visible()
    assert page.title().endswith("高原先锋课堂")
    assert "Wagtail" not in page.inner_text("body")
    assert "Images" not in page.inner_text("body")
    picture(page, "admin-home-editor")


SUBTITLES = "WEBVTT\n\n00:00.000 --> 00:02.000\n{}\n"


def test_subtitles_and_a_dub_dropped_together_become_rows_with_their_languages(
    desk: BrowserContext, editor: str, tmp_path: Path
) -> None:
    """Two steps: choose the files, hand in."""
    lesson = make.make_lesson(author=User.objects.get(username=editor))
    chinese, tibetan, dub = tmp_path / "备草料.vtt", tmp_path / "备草料-2.srt", tmp_path / "备草料.amdo.mp3"
    chinese.write_text(SUBTITLES.format("过冬的草料"), encoding="utf-8")
    tibetan.write_text("1\n00:00:00,000 --> 00:00:02,000\nབོད་ཡིག\n", encoding="utf-8")
    dub.write_bytes(make.SMALL_MP4)
    page = desk.pages[0]
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"/admin/pages/{lesson.pk}/edit/")
    page.set_input_files(".track-drop__file", [chinese, tibetan, dub])
    expect(page.locator(".track-drop__state p")).to_have_count(3)
    expect(page.locator("#id_tracks-2-audio")).not_to_have_value("")
    expect(page.locator("#inline_child_tracks-0 .track-audio").first).to_be_hidden()
    expect(page.locator("#inline_child_tracks-2 .track-subtitle").first).to_be_hidden()
    picture(page, "admin-tracks-dropped")
    page.locator("footer button[name=action-submit]:visible").click()
    page.wait_for_url("**/admin/")
    expect(page.locator(".messages")).to_contain_text("已送审，等初审一校")
    draft = Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    assert [(track.kind, track.language) for track in draft.tracks.all()] == [
        ("subtitle", "zh-hans"),
        ("subtitle", "bo"),
        ("audio", "adx"),
    ]
    assert refused == []


def test_a_row_that_is_half_filled_saves_itself_and_is_asked_for_when_handed_in(
    desk: BrowserContext, editor: str
) -> None:
    lesson = make.make_lesson(author=User.objects.get(username=editor))
    page = desk.pages[0]
    page.goto(f"/admin/pages/{lesson.pk}/edit/")
    saves: list[int] = []
    is_save = re.compile(r"/admin/pages/\d+/edit/")
    page.on(
        "response", lambda a: saves.append(a.status) if a.request.method == "POST" and is_save.search(a.url) else None
    )
    # Wagtail takes stock of a form two seconds after it was loaded; a change before that is none.
    page.wait_for_timeout(2_500)
    page.click("text=增加 配音或字幕")
    page.select_option("#id_tracks-0-kind", "subtitle")
    for _ in range(100):
        if saves:
            break
        page.wait_for_timeout(200)
    assert set(saves) == {200}
    page.locator("footer button[name=action-submit]:visible").click()
    expect(page.locator("#inline_child_tracks-0")).to_contain_text("请选择字幕文件")
    assert not WorkflowState.objects.exists()


def test_a_broken_subtitle_file_is_refused_with_its_line_before_it_is_kept(
    desk: BrowserContext, editor: str, tmp_path: Path
) -> None:
    lesson = make.make_lesson(author=User.objects.get(username=editor))
    broken = tmp_path / "坏.vtt"
    broken.write_text("没有时间的文字", encoding="utf-8")
    page = desk.pages[0]
    page.goto(f"/admin/pages/{lesson.pk}/edit/")
    page.set_input_files(".track-drop__file", broken)
    expect(page.locator(".track-drop__state")).to_contain_text("没有找到任何字幕条")
    assert PlatformDocument.objects.count() == 0


def test_a_reviewer_watches_decides_and_reads_what_comes_next(
    browser: Browser, link: ThrottlingProxy, editor: str
) -> None:
    lesson = make.make_lesson(
        author=User.objects.get(username=editor), subtitles={"zh-hans": SUBTITLES.format("雪").encode()}
    )
    services.submit(lesson, User.objects.get(username=editor))
    reviewer = make.make_reviewers(1)[0]
    reviewer.set_password(PASSWORD)
    reviewer.save()
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", base_url=link.url)
    page = context.new_page()
    sign_in(page, str(reviewer.get_username()))
    picture(page, "admin-home-reviewer")
    page.click(f"text={lesson.title}")
    for name in ("通过", "退回修改"):
        box = page.locator(".review-desk").get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert box["y"] + box["height"] < 800, "both decisions lie on the first screen"
    assert page.locator(".review-desk video track[kind=subtitles]").count() == 1
    page.screenshot(path=settings.STATE_DIR / "screenshots" / "admin-review-desk.png")
    page.locator(".review-desk").get_by_role("button", name="退回修改").click()
    page.fill(".modal textarea", "请核对年份")
    page.locator(".modal button[type=submit]").click()
    expect(page.locator(".messages")).to_contain_text("已退回")
    assert ReviewRecord.objects.get().comment == "请核对年份"
    context.close()
