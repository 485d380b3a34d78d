"""The public pages as a person meets them: small, readable, reachable by thumb, keyboard and screen reader."""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.acceptance.axe import AXE, FINDINGS
from tests.acceptance.site_stage import LONG_TITLE, Site
from tests.acceptance.spoken_phone import heard, lend_voices
from tests.throttling_proxy import ThrottlingProxy

SIZES = {"360x640": (360, 640), "412x915": (412, 915), "1280x800": (1280, 800)}
FIRST_VIEW_LIMIT = 14 * 1024
WITH_SCRIPTS_LIMIT = 24 * 1024
READING = ["home", "courses", "outline", "unit", "lesson", "case", "sites", "site", "teachers", "teacher", "search"]
EVERY = [*READING, "results", "no results", "missing", "packages", "quiz", "login", "join", "me"]

SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .filter((e) => e.checkVisibility())
  .filter((e) => !e.closest('p:not([class]), .prose, .skip, .lesson__facts, .card__title, label'))
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width && (r.height < 47.5 || r.width < 47.5) && r.bottom > 0)
  .map(([e, r]) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 12)} ${r.width}x${r.height}`)"""

FIRST_VIEW = """() => new Promise((resolve) => new PerformanceObserver((list) => resolve(
  Math.max(...list.getEntries().filter((e) => e.element?.tagName !== 'IMG').map((e) => e.startTime))
)).observe({ type: 'largest-contentful-paint', buffered: true }))"""


def context_of(browser: Browser, size: str = "360x640", **options: Any) -> BrowserContext:
    width, height = SIZES[size]
    # The content policy forbids foreign scripts; axe is one, so only the tests that inject it lift the policy.
    return browser.new_context(viewport={"width": width, "height": height}, service_workers="block", **options)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = context_of(browser)
    yield context.new_page()
    context.close()


def compressed(body: bytes) -> int:
    return len(gzip.compress(body, 9))


class TestBudgets:
    @pytest.mark.parametrize("name", READING)
    def test_the_first_view_and_its_scripts_are_small(self, site: Site, name: str) -> None:
        html = site.server.get(site.pages[name]).body
        assert html.startswith(b"<!doctype html>")
        text = html.decode()
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
        scripts = re.findall(r'<script[^>]+src="([^"]+)"', text)
        first = compressed(html) + sum(compressed(site.server.get(path).body) for path in styles)
        all_of_it = first + sum(compressed(site.server.get(path).body) for path in scripts)
        assert first <= FIRST_VIEW_LIMIT, f"{name}: {first} bytes before anything shows"
        assert all_of_it <= WITH_SCRIPTS_LIMIT, f"{name}: {all_of_it} bytes with scripts"

    @pytest.mark.parametrize("name", ["home", "lesson"])
    def test_the_first_view_stands_within_3_s_at_64_kbit(self, site: Site, page: Page, name: str) -> None:
        with ThrottlingProxy("127.0.0.1", site.server.port, kbit_s=64) as link:
            page.goto(link.url + site.pages[name])
            shown = page.evaluate(FIRST_VIEW)
        assert 0 < shown <= 3000

    def test_no_page_asks_another_host_for_anything(self, site: Site, page: Page) -> None:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in READING:
            page.goto(site.address(name))
        assert [url for url in asked if not url.startswith((site.server.url, "data:", "blob:"))] == []


class TestAccess:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("name", EVERY)
    def test_axe_finds_nothing_and_text_has_seven_to_one(
        self, site: Site, browser: Browser, name: str, scheme: Any
    ) -> None:
        context = context_of(browser, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(site.address(name))
        page.add_script_tag(path=AXE)
        findings = page.evaluate(FINDINGS)
        context.close()
        assert findings == []

    @pytest.mark.parametrize("name", ["home", "lesson", "search", "packages"])
    def test_axe_finds_nothing_in_tibetan_nor_on_a_wide_screen(self, site: Site, browser: Browser, name: str) -> None:
        for size, tibetan in (("412x915", True), ("1280x800", False)):
            context = context_of(browser, size, bypass_csp=True)
            page = context.new_page()
            page.goto(site.address(name, tibetan=tibetan))
            page.add_script_tag(path=AXE)
            findings = page.evaluate(FINDINGS)
            context.close()
            assert findings == [], size

    @pytest.mark.parametrize("name", READING)
    def test_every_target_is_large_enough_for_a_glove(self, site: Site, page: Page, name: str) -> None:
        for tibetan in (False, True):
            page.goto(site.address(name, tibetan=tibetan))
            assert page.evaluate(SMALL_TARGETS) == []

    @pytest.mark.parametrize("name", EVERY)
    def test_nothing_is_cut_off_with_text_twice_as_large(self, site: Site, page: Page, name: str) -> None:
        for tibetan in (False, True):
            if tibetan and name in {"missing"}:
                continue
            page.goto(site.address(name, tibetan=tibetan))
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, "tibetan" if tibetan else "chinese"

    def test_the_keyboard_leads_past_the_menu_to_the_content_and_focus_is_seen(self, site: Site, page: Page) -> None:
        page.goto(site.address("home"))
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen == "solid"
        assert page.evaluate("document.activeElement.closest('main') !== null")

    def test_motion_stops_for_those_who_ask_and_forced_colours_keep_the_place(
        self, site: Site, browser: Browser
    ) -> None:
        context = context_of(browser, reduced_motion="reduce", forced_colors="active")
        page = context.new_page()
        page.goto(site.address("home"))
        here = page.locator(".places [aria-current=page]")
        assert here.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        context.close()

    def test_without_styles_the_page_still_reads_in_order(self, site: Site, browser: Browser) -> None:
        context = context_of(browser)
        page = context.new_page()
        page.route("**/*.css", lambda route: route.abort())
        page.goto(site.address("lesson"))
        widths = page.locator("svg.pg").evaluate_all("all => all.map((e) => e.getBoundingClientRect().width)")
        assert widths
        assert max(widths) <= 48
        context.close()


SPEED = "Object.defineProperty(navigator, 'connection', { value: { downlink: %s, effectiveType: '4g' } })"


class TestCosts:
    def test_megabytes_stand_before_the_action_without_scripts_too(self, site: Site, browser: Browser) -> None:
        context = context_of(browser, java_script_enabled=False)
        page = context.new_page()
        page.goto(site.address("lesson"))
        costs = page.locator("lesson-player .cost").all_inner_texts()
        context.close()
        assert costs
        assert all(re.search(r"\d MB$", cost) for cost in costs)

    def test_minutes_are_said_only_where_the_browser_knows_a_speed(self, site: Site, page: Page) -> None:
        page.add_init_script(SPEED % "undefined")
        page.goto(site.address("lesson"))
        start = page.locator(".player__start")
        expect(start.get_by_role("button", name="听声音")).to_contain_text("MB")
        assert "网速" not in start.inner_text()

    def test_the_minutes_follow_from_the_megabytes_and_the_present_speed(self, site: Site, page: Page) -> None:
        page.add_init_script(SPEED % "0.00001")
        page.goto(site.address("lesson"))
        said = page.locator(".player__start button.button--tall").first.inner_text()
        found = re.search(r"([\d.]+) MB\s+按现在的网速约 (\d+) 分钟", said)
        assert found, said
        length = page.evaluate("document.querySelector('lesson-player').soundSource().length")
        assert int(found[2]) == math.ceil(length * 8 / 10 / 60)


class TestHearing:
    def test_a_device_without_a_voice_shows_no_button_that_would_be_dead(self, site: Site, page: Page) -> None:
        for name in ("home", "lesson", "quiz"):
            page.goto(site.address(name))
            page.wait_for_load_state("networkidle")
            expect(page.locator(".listen")).to_have_count(0)

    def test_a_question_and_each_answer_can_be_heard_and_answering_works_as_before(
        self, site: Site, page: Page
    ) -> None:
        lend_voices(page, "en-US", "zh-HK", "zh-CN")
        page.goto(site.address("quiz"))
        first = page.locator("fieldset").first
        expect(first.locator(".listen")).to_have_count(3)
        first.get_by_role("button", name="听 初乳").click()
        assert heard(page) == [["zh-CN", "初乳"]]
        expect(first.get_by_role("button", name="听 初乳")).to_have_attribute("aria-pressed", "true")
        first.get_by_role("button", name="听 初乳").click()
        expect(first.get_by_role("button", name="听 初乳")).to_have_attribute("aria-pressed", "false")
        first.get_by_label("初乳").first.check()
        expect(first.get_by_label("初乳").first).to_be_checked()

    def test_tibetan_is_read_by_a_tibetan_voice_and_never_by_a_mandarin_one(self, site: Site, browser: Browser) -> None:
        for voices, buttons in ((("zh-CN",), 1), (("zh-CN", "bo-CN"), 3)):
            context = context_of(browser)
            page = context.new_page()
            lend_voices(page, *voices)
            page.goto(site.address("quiz", tibetan=True))
            first = page.locator("fieldset").first
            # One answer has no Tibetan text: it stands in Chinese, and a Chinese voice reads it.
            expect(first.locator(".listen")).to_have_count(buttons)
            for button in first.locator(".listen").all():
                button.click()
            for language, text in heard(page):
                assert (language == "bo-CN") == bool(re.search("[\u0f00-\u0fff]", text))
            context.close()

    def test_what_a_lesson_costs_can_be_heard_and_the_voice_stops_for_the_lesson(self, site: Site, page: Page) -> None:
        lend_voices(page, "zh-CN")
        page.add_init_script(SPEED % "2")
        page.goto(site.address("lesson"))
        page.locator(".player__start > .spoken > .listen").first.click()
        [[_, text]] = heard(page)
        assert "听声音" in text
        assert "兆" in text
        assert "MB" not in text
        page.get_by_role("button", name="听声音", exact=False).first.click()
        expect(page.locator(".player__controls")).to_be_visible()
        assert page.evaluate("said.at(-1)") is None

    def test_axe_finds_nothing_with_the_buttons_there_and_they_fit_a_glove(self, site: Site, browser: Browser) -> None:
        for name in ("home", "lesson", "quiz"):
            context = context_of(browser, bypass_csp=True)
            page = context.new_page()
            lend_voices(page, "zh-CN")
            page.goto(site.address(name))
            expect(page.locator(".listen").first).to_be_visible()
            page.add_script_tag(path=AXE)
            assert page.evaluate(FINDINGS) == [], name
            assert page.evaluate(SMALL_TARGETS) == [], name
            context.close()


class TestPlaces:
    def test_five_places_lead_everywhere_and_say_where_one_is(self, site: Site, page: Page) -> None:
        page.goto(site.address("home"))
        links = page.locator("nav.places a")
        assert links.all_inner_texts() == ["今天", "课程", "资源包", "找", "我的"]
        here = {"home": "今天", "lesson": "课程", "packages": "资源包", "site": "找", "me": "我的"}
        for name, place in here.items():
            page.goto(site.address(name))
            expect(page.locator("nav.places [aria-current=page]")).to_have_text(place)

    def test_the_language_changes_on_the_same_page_and_says_that_it_is_a_draft(self, site: Site, page: Page) -> None:
        page.goto(site.address("results"))
        page.get_by_role("link", name="བོད་ཡིག").click()
        assert page.url == site.address("results", tibetan=True)
        expect(page.locator("html")).to_have_attribute("lang", "bo")
        expect(page.get_by_text("藏文为草稿")).to_be_visible()
        page.get_by_role("link", name="中文").click()
        assert page.url == site.address("results")

    def test_without_scripts_a_lesson_is_found_opened_and_playable(self, site: Site, browser: Browser) -> None:
        context = context_of(browser, java_script_enabled=False)
        page = context.new_page()
        page.goto(site.address("home"))
        page.get_by_role("searchbox").fill("一条河")
        page.get_by_role("searchbox").press("Enter")
        page.get_by_role("link", name=LONG_TITLE).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(LONG_TITLE)
        expect(page.locator("lesson-player video[controls]")).to_be_visible()
        expect(page.locator("lesson-player audio[controls]").first).to_be_visible()
        context.close()

    def test_a_page_that_is_not_there_says_what_to_do(self, site: Site, page: Page) -> None:
        answer = page.goto(site.address("missing"))
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("没有这一页")
        expect(page.get_by_text("There is no such page")).to_be_visible()
        page.get_by_role("link", name="找一找").click()
        assert page.url == urljoin(site.server.url, "/search/")

    def test_the_lesson_that_was_begun_stands_first_and_is_forgotten_at_sign_out(self, site: Site, page: Page) -> None:
        page.goto(site.address("home"))
        note = {"title": LONG_TITLE, "url": site.pages["lesson"], "position": 70, "duration": 600, "revision": "r"}
        page.evaluate(
            """(note) => { localStorage['gyxf:player:recent'] = JSON.stringify({ list: ['m'] });
            localStorage['gyxf:player:lesson:m'] = JSON.stringify(note); }""",
            note,
        )
        page.reload()
        first = page.locator("main a.button").first
        expect(first).to_contain_text(LONG_TITLE)
        expect(first).to_contain_text("1:10 / 10:00")
        first.click()
        assert page.url == site.address("lesson")

    def test_the_map_marks_the_site_and_the_list_names_it(self, site: Site, page: Page) -> None:
        page.goto(site.address("sites"))
        land = page.locator(".map__land").bounding_box()
        point = page.locator(".map__point circle").bounding_box()
        assert land
        assert point
        # 海晏 lies in the north-east of the province: right of the middle, in the upper half.
        assert point["x"] > land["x"] + land["width"] / 2
        assert point["y"] < land["y"] + land["height"] / 2
        expect(page.locator("ol.list")).to_contain_text("原子城纪念馆")
