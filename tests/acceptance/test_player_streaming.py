"""The lesson player in a real Chromium, with real streams, over links as they are on the plateau."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser import chromium, media, media_until, until
from tests.acceptance.player_stage import LISTEN, PLAYS, SECONDS, SHOWS, WATCH, Stage, opened
from tests.throttling_proxy import ThrottlingProxy

PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(phone_page: Page) -> Page:
    return phone_page


@pytest.fixture
def link(stage: Stage) -> Iterator[ThrottlingProxy]:
    with ThrottlingProxy("127.0.0.1", stage.server.port, kbit_s=20_000) as proxy:
        yield proxy


class TestBadInput:
    def test_an_object_that_was_withdrawn_is_told_in_words_with_what_to_do(self, page: Page, stage: Stage) -> None:
        gone = [{**item, "index_url": "/b/00/" + "0" * 64} for item in stage.data["video"]]
        opened(page, stage.server.url, video=gone)
        page.get_by_role("button", name=WATCH).click()
        expect(page.get_by_role("status")).to_contain_text("取不到")
        expect(page.get_by_role("button", name="再试一次")).to_be_focused()
        expect(page.get_by_role("button", name=LISTEN)).to_be_visible()

    def test_an_index_that_contradicts_its_object_falls_back_to_the_muxed_file(self, page: Page, stage: Stage) -> None:
        wrong = [{**item, "index_url": stage.data["audio"][0]["sources"][0]["url"]} for item in stage.data["video"]]
        wrong[0]["index_url"] = "data:application/json," + quote('{"v":1,"length":3}')
        opened(page, stage.server.url, video=wrong[:1])
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"{PLAYS} && {SHOWS} && !m.src.startsWith('blob:')")

    def test_codecs_that_this_browser_lacks_fall_back_to_the_muxed_file(self, page: Page, stage: Stage) -> None:
        unknown = [{**item, "mime": 'video/mp4; codecs="xxxx.1"'} for item in stage.data["video"]]
        opened(page, stage.server.url, video=unknown)
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"{PLAYS} && {SHOWS} && !m.src.startsWith('blob:')")

    def test_a_start_beyond_the_end_and_nonsense_in_the_address_still_play(self, page: Page, stage: Stage) -> None:
        for query in ("t=99999", "t=-4", "t=abc", "t="):
            opened(page, stage.server.url, query)
            page.get_by_role("button", name=WATCH).click()
            media_until(page, "video", "m.readyState > 2")

    def test_a_lesson_with_sound_only_offers_no_picture(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, video=[], muxed=None)
        expect(page.get_by_role("button", name=WATCH)).to_have_count(0)
        page.get_by_role("button", name=LISTEN).click()
        media_until(page, "audio", PLAYS)


class TestPlaying:
    def test_picture_and_sound_are_decoded_and_the_cost_stood_before(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url)
        buttons = page.locator(".player__start button")
        assert "MB" in buttons.nth(0).inner_text()
        assert LISTEN in buttons.nth(0).inner_text()
        assert "1 分钟" in buttons.nth(1).inner_text()
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"{PLAYS} && {SHOWS}")
        assert media(page, "video", "m.src.startsWith('blob:')")
        assert page.evaluate("trouble") == []

    def test_nothing_is_fetched_before_a_person_asks(self, page: Page, stage: Stage) -> None:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        opened(page, stage.server.url)
        page.wait_for_timeout(500)
        assert [url for url in asked if "/b/" in url and "image" not in url] == []

    def test_seeking_speed_and_the_second_of_the_address(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, "t=20")
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", "m.currentTime > 20.5 && !m.paused")
        page.get_by_role("button", name="前进 30 秒").focus()
        page.keyboard.press("j")
        media_until(page, "video", "m.currentTime > 10 && m.currentTime < 19 && !m.seeking && m.readyState > 2")
        page.get_by_role("button", name="速度").click()
        page.get_by_label("1.5×").check()
        assert media(page, "video", "m.playbackRate") == 1.5
        page.evaluate("location.hash = 't=31'")
        media_until(page, "video", "m.currentTime > 31 && m.readyState > 2")

    def test_captions_are_our_own_large_text_and_the_transcript_leads_to_its_second(
        self, page: Page, stage: Stage
    ) -> None:
        opened(page, stage.server.url)
        page.get_by_role("button", name=WATCH).click()
        expect(page.locator(".player__captions")).to_have_text("同志们好，今天我们一起学习。")
        size = page.locator(".player__captions").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        assert size >= 20
        page.get_by_role("button", name="文字稿").click()
        page.get_by_role("button", name="0:20 原子城在海晏。").click()
        expect(page.locator(".player__captions")).to_have_text("原子城在海晏。")
        page.get_by_role("button", name="字幕").click()
        page.get_by_label("不显示").check()
        expect(page.locator(".player__captions")).to_be_hidden()

    def test_another_language_goes_on_at_the_same_place_and_a_placeholder_says_so(
        self, page: Page, stage: Stage
    ) -> None:
        opened(page, stage.server.url, "t=12")
        expect(page.get_by_role("radio", name="藏语（安多） 占位音轨，待真人配音")).to_be_visible()
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", "m.currentTime > 12.5")
        page.get_by_role("button", name="语言").click()
        before = media(page, "video", "m.webkitAudioDecodedByteCount")
        page.locator(".player__panel").get_by_label("藏语（安多）").check()
        media_until(
            page, "video", f"!m.paused && m.webkitAudioDecodedByteCount > {before} + 4000 && m.currentTime < 30"
        )

    def test_from_sound_to_picture_and_back_the_place_is_kept(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, "t=15")
        page.get_by_role("button", name=LISTEN).click()
        media_until(page, "audio", "m.currentTime > 15.5 && m.webkitAudioDecodedByteCount > 0")
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"m.currentTime > 15.5 && {SHOWS}")
        assert media(page, "audio", "m.paused")
        page.get_by_role("button", name="只听声音").click()
        media_until(page, "audio", "m.currentTime > 15.5 && !m.paused")

    def test_the_lesson_is_completed_when_nine_tenths_were_played_and_resumes_where_it_was_left(
        self, page: Page, stage: Stage
    ) -> None:
        opened(page, stage.server.url)
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", "m.currentTime > 6")
        page.reload()
        expect(page.get_by_text("接着放")).to_be_visible()
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", "m.currentTime > 6.2")
        page.get_by_role("button", name="速度").click()
        page.get_by_label("2×").check()
        until(page, "heard.some(([name]) => name === 'lesson-completed')", 60)
        completed = page.evaluate("heard.filter(([name]) => name === 'lesson-completed')")
        assert len(completed) == 1
        detail = completed[0][1]
        assert detail["material"] == stage.data["material"]
        assert detail["revision"] == stage.data["revision"]
        played = sum(end - start for start, end in detail["intervals"])
        assert 0.9 * SECONDS <= played <= SECONDS + 1
        media_until(page, "video", "m.ended", 30)

    def test_the_keyboard_alone_is_enough(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url)
        page.get_by_role("button", name=WATCH).focus()
        page.keyboard.press("Enter")
        media_until(page, "video", PLAYS)
        expect(page.get_by_role("button", name="暂停")).to_be_focused()
        page.keyboard.press("Space")
        media_until(page, "video", "m.paused")
        page.keyboard.press("k")
        media_until(page, "video", "!m.paused")
        page.get_by_role("slider").focus()
        page.keyboard.press("End")
        media_until(page, "video", f"m.currentTime > {SECONDS - 3}")
        sizes = page.locator(".player button:visible, .player input:visible").evaluate_all(
            "all => all.map((e) => { const r = e.getBoundingClientRect(); return Math.min(r.width, r.height); })"
        )
        assert min(sizes) >= 48

    def test_without_scripts_the_native_elements_play_the_muxed_file(self, browser: Browser, stage: Stage) -> None:
        context = browser.new_context(java_script_enabled=False, viewport=PHONE)
        page = context.new_page()
        page.goto(stage.server.url)
        video = page.locator("lesson-player video")
        expect(video).to_be_visible()
        assert video.get_attribute("src") == stage.data["muxed"]["url"]
        assert video.get_attribute("preload") == "none"
        video.press("Space")
        media_until(page, "video", f"{PLAYS} && m.videoHeight == 240 && m.webkitAudioDecodedByteCount > 0")
        context.close()


class TestNetworks:
    @pytest.mark.parametrize(("name", "kind"), [(WATCH, "video"), (LISTEN, "audio")])
    def test_a_cut_is_told_and_playing_goes_on_by_itself(
        self, page: Page, stage: Stage, link: ThrottlingProxy, name: str, kind: str
    ) -> None:
        opened(page, link.url)
        link.kbit_s = 200 if kind == "video" else 40
        page.get_by_role("button", name=name).click()
        media_until(page, kind, "m.currentTime > 0.5")
        link.cut()
        expect(page.get_by_role("status")).to_contain_text("网络断了", timeout=60_000)
        stopped = media(page, kind, "m.currentTime")
        link.kbit_s = 2000
        link.restore()
        media_until(page, kind, f"m.currentTime > {stopped} + 6 && !m.paused", 45)
        expect(page.get_by_role("status")).to_be_empty()


NEARLY_HEARD = f"""localStorage.setItem('gyxf:player:lesson:0191c0de-0000-7000-8000-000000000001', JSON.stringify({{
  revision: '{"ab" * 32}', position: 0, pieces: [[0, {SECONDS - 3}]], completed: false }}))"""


class TestEnd:
    def test_the_end_says_what_came_of_it_and_leads_to_the_next_lesson(self, page: Page, stage: Stage) -> None:
        page.add_init_script(NEARLY_HEARD)
        opened(page, stage.server.url, f"t={SECONDS - 4}", next={"url": "/?next", "title": "第二课"})
        page.get_by_role("button", name=LISTEN).click()
        expect(page.get_by_text("学完了")).to_be_visible()
        assert page.get_by_text("已记下").count() == 0, "nothing is claimed before the record is on the disk"
        onward = page.get_by_role("link", name="下一课 第二课")
        expect(onward).to_be_in_viewport(ratio=1)
        page.evaluate("document.querySelector('lesson-player').dispatchEvent(new CustomEvent('lesson-recorded'))")
        expect(page.get_by_text("学完了，已记下")).to_be_visible()
        onward.click()
        assert page.url.endswith("/?next")

    def test_the_page_of_its_unit_is_asked_which_lesson_is_next(self, page: Page, stage: Stage) -> None:
        rows = [("/", "第一课"), ("/second/", "第二课"), ("/third/", "第三课")]
        row = '<div class="list__item"><a href="{}"><b class="list__title">{}</b></a></div>'
        listed = "".join(row.format(*each) for each in rows)
        unit = stage.lay(f"<!doctype html><meta charset=utf-8><main>{listed}</main>".encode(), "text/html")
        page.add_init_script(NEARLY_HEARD)
        opened(page, stage.server.url, f"t={SECONDS - 4}")
        page.evaluate("unit => { document.querySelector('lesson-player').dataset.unit = unit; }", unit)
        page.get_by_role("button", name=LISTEN).click()
        onward = page.get_by_role("link", name="下一课 第二课")
        expect(onward).to_be_visible()
        assert onward.get_attribute("href") == "/second/"

    def test_who_jumped_to_the_end_is_told_why_it_does_not_count(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, f"t={SECONDS - 3}")
        page.get_by_role("button", name=LISTEN).click()
        expect(page.get_by_text("听满九成才算学完")).to_be_visible()
        page.get_by_role("button", name="后退 10 秒").click()
        expect(page.get_by_text("听满九成才算学完")).to_have_count(0)


class TestRoom:
    @pytest.mark.parametrize("way", [LISTEN, WATCH])
    def test_after_the_tap_the_controls_lie_in_view_on_a_small_phone(self, page: Page, stage: Stage, way: str) -> None:
        opened(page, stage.server.url)
        page.evaluate("document.querySelector('h1').style.marginBottom = '20rem'")
        page.get_by_role("button", name=way).click()
        media_until(page, "video" if way == WATCH else "audio", PLAYS)
        expect(page.get_by_role("button", name="暂停")).to_be_in_viewport(ratio=1)

    def test_picture_subtitles_and_controls_share_a_desktop_screen(self, browser: Browser, stage: Stage) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page = context.new_page()
        opened(page, stage.server.url)
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", PLAYS)
        for part in ("video", ".player__captions", ".player__main", ".player__tools"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)
        context.close()
