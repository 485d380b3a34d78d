"""What each person of the journey does, click by click, in real browsers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import calm
from tests.acceptance.browser import picture
from tests.acceptance.journey_people import PASSWORD
from tests.acceptance.product import Product

PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 900}
MINUTE = 60_000
"""Milliseconds."""
LISTEN, WATCH = "听声音", "看画面"
UNIT = "守护水塔"
"""The outline unit that the lesson is added to (`journey_people`)."""
FINDABLE_S = 2.0
"""From the last approval on (the journey, step 3)."""
APPROVE = ".review-desk button[data-workflow-action-name=approve]"
REVIEW = """
import json
from cms.lessons.models import Lesson
from cms.review.models import ReviewRecord
lesson = Lesson.objects.get()
passed = ReviewRecord.objects.filter(material_id=lesson.review_material_id, decision="approved").order_by("stage")
print(json.dumps({
    "page": lesson.pk,
    "state": lesson.current_workflow_task_state.pk,
    "approved": list(passed.values_list("stage", flat=True)),
}))
"""


@dataclass
class Journey:
    """The product, the browser, and what one step hands to the next."""

    product: Product
    browser: Browser
    people: dict[str, object]
    lecture: Path
    subtitles: Path
    lesson_title: str = "雪线之下的水塔"
    lesson_edit_url: str = ""
    lesson_url: str = ""
    code: str = ""
    cues: list[tuple[float, str]] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    @contextlib.contextmanager
    def desk(self, username: str) -> Iterator[Page]:
        """A signed-in person of the staff at a PC."""
        context = self.browser.new_context(viewport=DESK, locale="zh-CN", base_url=self.product.address)
        page = context.new_page()
        page.set_default_timeout(MINUTE)
        page.goto("/admin/" if username not in {"secretary", "trainer"} else "/login/?next=/")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_load_state()
        assert "/login" not in page.url, page.inner_text("body")[:500]
        yield page
        context.close()

    def phone(self, base_url: str = "") -> Page:
        """A new phone that nobody has signed in on."""
        context = self.browser.new_context(
            viewport=PHONE, locale="zh-CN", base_url=base_url or self.product.address, has_touch=True, is_mobile=True
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(MINUTE)
        page.on("pageerror", lambda error: print("page error:", error))
        return page


def upload_a_lesson(journey: Journey, limit_s: float) -> None:
    """Editor: from the outline's overview to a lesson with its lecture and subtitles, handed in for review."""
    with journey.desk("editor") as page:
        page.click("text=教学大纲总览")
        page.click("text=新增视频课")
        page.fill("#id_title", journey.lesson_title)
        page.fill("#id_summary", "河流从雪线下出发，护好源头是每名党员的责任。")
        page.set_input_files(".media-progress__file", journey.lecture)
        watch_the_progress(page, limit_s)
        attach_subtitles(page, journey.subtitles)
        page.click("footer >> text=保存草稿")
        page.wait_for_selector(".messages .success")
        journey.lesson_edit_url = page.url
        picture(page, "journey-1-editor")
        page.locator("footer button[name=action-submit]:visible").click()
        page.wait_for_url(lambda address: "/edit/" not in address)


def watch_the_progress(page: Page, limit_s: float) -> None:
    """The panel counts up by itself: the page is never loaded again, the figure never falls."""
    page.evaluate("window.isTheSamePage = true")
    page.wait_for_selector("media-progress[data-state=encoding], media-progress[data-state=published]")
    seen = [0.0]
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        panel = page.locator("media-progress").first
        state = panel.get_attribute("data-state")
        assert state not in {"failed", "cancelled"}, panel.inner_text()
        if panel.locator("progress").count():
            seen.append(float(panel.locator("progress").get_attribute("value") or 0))
        if state == "published":
            break
        page.wait_for_timeout(1000)
    assert seen[-1] == 1.0, f"not finished after {limit_s:.0f} s: {seen[-1]:.0%}"
    assert seen == sorted(seen)
    assert len(set(seen)) > 3, "progress was shown on the way"
    assert page.evaluate("window.isTheSamePage")
    rungs = page.locator(".media-progress__rungs td:first-child").all_inner_texts()
    assert set(rungs) >= {"opus-16", "aac-24", "h264-240", "h264-360", "muxed-240", "poster"}


def attach_subtitles(page: Page, file: Path) -> None:
    """Editor: drop a subtitle file on the lesson's form; its language is read from its letters."""
    page.set_input_files(".track-drop__file", file)
    expect(page.locator(".track-drop__state")).to_contain_text("已加入，汉语")


def approve(page: Page, edit_url: str) -> None:
    """Reviewer: open the item from the home panel and pass it."""
    page.goto(edit_url)
    page.locator(APPROVE).first.click()
    page.wait_for_url("**/admin/")
    expect(page.locator(".messages")).to_contain_text("通过")


def pass_two_reviews(journey: Journey) -> None:
    """Two people; each is refused the stage after his own, and nobody has a publish button."""
    with journey.desk("admin") as page:
        page.goto(journey.lesson_edit_url)
        assert "action-publish" not in page.content(), "even a superuser is offered no way around the review"
    for number in (1, 2):
        with journey.desk(f"reviewer{number}") as page:
            expect(page.locator("body")).to_contain_text(journey.lesson_title)
            picture(page, f"journey-3-reviewer-{number}")
            approve(page, journey.lesson_edit_url)
        with journey.desk(f"reviewer{number}") as page:
            expect(page.locator("main")).not_to_contain_text(journey.lesson_title)
            page.goto(journey.lesson_edit_url)
            assert not page.locator("button[data-workflow-action-name=approve]").count()
            refuse_the_next_stage(journey, page, number)


def refuse_the_next_stage(journey: Journey, page: Page, passed: int) -> None:
    """Reviewer: sends the approval all the same, as the button would; it is refused and nothing has moved."""
    before = journey.product.ask(REVIEW)
    assert before["approved"] == list(range(1, passed + 1))
    (token,) = [each["value"] for each in page.context.cookies() if each["name"] == "csrftoken"]
    answer = page.request.post(
        f"/admin/pages/workflow/action/{before['page']}/approve/{before['state']}/",
        form={"csrfmiddlewaretoken": token, "comment": ""},
        max_redirects=0,
    )
    refused_by_the_admin = answer.status == 302 and answer.headers["location"] == "/admin/"
    assert refused_by_the_admin, (answer.status, answer.headers.get("location"), answer.text()[:500])
    page.goto("/admin/")
    expect(page.locator(".messages .error")).to_contain_text("权限")
    assert journey.product.ask(REVIEW) == before


def publish_and_find_within_2_s(journey: Journey, word: str) -> None:
    """Third reviewer and anybody: from the last approval's click on, a two-character word finds the lesson."""
    phone = journey.phone()
    phone.goto("/search/")
    link = phone.get_by_role("link", name=journey.lesson_title)
    with journey.desk("reviewer3") as page:
        expect(page.locator("body")).to_contain_text(journey.lesson_title)
        picture(page, "journey-3-reviewer-3")
        page.goto(journey.lesson_edit_url)
        with calm.alone():
            clicked = time.monotonic()
            page.locator(APPROVE).first.click()
            while not link.count():
                took = time.monotonic() - clicked
                assert took < FINDABLE_S, f"not found {took:.1f} s after the click"
                phone.goto(f"/search/?q={word}")
            took = time.monotonic() - clicked
        print(f"found {took:.2f} s after the click")
        assert took < FINDABLE_S
        page.wait_for_url("**/admin/")
        expect(page.locator(".messages")).to_contain_text("通过")
    assert link.count() == 1
    journey.lesson_url = str(link.get_attribute("href"))


def compose_a_package(journey: Journey) -> None:
    """Editor: a package for the campaign, with the lesson, its unit and a quiz; three pass it, then it is built."""
    with journey.desk("editor") as page:
        page.goto("/admin/snippets/packages/offlinepackage/add/")
        page.fill("#id_title", "曲麻莱冬春训")
        page.select_option("#id_campaign", label="曲麻莱冬春训")
        page.click("text=增加 课程")
        choose_page(page, "#inline_child_package_lessons-0", journey.lesson_title)
        page.click("text=增加 大纲单元")
        choose_page(page, "#inline_child_package_units-0", UNIT)
        choose_quiz(page)
        page.click("footer >> text=保存草稿")
        page.wait_for_selector(".messages .success")
        picture(page, "journey-5-composed")
        package_edit_url = page.url
        page.locator("footer button[name=action-submit]:visible").click()
        page.wait_for_url(lambda address: "/edit/" not in address)
    for number in (1, 2, 3):
        with journey.desk(f"reviewer{number}") as page:
            page.goto(package_edit_url)
            inside = page.locator(".review-desk .exhibit__facts")
            expect(inside).to_contain_text(f"整个大纲单元{UNIT}")
            expect(inside).to_contain_text(journey.lesson_title)
            approve(page, package_edit_url)
    with journey.desk("editor") as page:
        page.goto(package_edit_url)
        page.click("[data-build]")
        page.locator("[data-builds]").get_by_text("已发布").wait_for(timeout=2 * MINUTE)
        picture(page, "journey-5-built")


def choose_page(page: Page, row: str, title: str) -> None:
    """Pick a page in Wagtail's chooser by searching its title."""
    page.locator(f"{row} button:has-text('选择')").first.click()
    page.fill(".modal input[name=q]", title)
    page.locator(".modal a", has_text=title).first.click()
    page.wait_for_selector(".modal", state="hidden")


def choose_quiz(page: Page) -> None:
    """Pick the only quiz."""
    page.locator("[id*=quiz] button:has-text('选择')").first.click()
    page.locator(".modal a", has_text="接羔知识").first.click()
    page.wait_for_selector(".modal", state="hidden")
