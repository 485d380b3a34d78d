"""A lecture's slides shown to its sound, in a real Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser import chromium, media, media_until, until
from tests.acceptance.extra_rungs import colour_of
from tests.acceptance.player_stage import PLAYS, SLIDES, Stage, opened

SHOWN = """(() => {
  const image = document.querySelector('.player__slide');
  if (!image.src || !image.complete || !image.naturalWidth || image.hidden) return null;
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
  canvas.drawImage(image, 0, 0);
  return [...canvas.getImageData(10, 10, 1, 1).data].slice(0, 3);
})()"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(phone_page: Page) -> Page:
    return phone_page


def slide_is(page: Page, number: int) -> None:
    """Wait until the slide of that number (from 0) is what a person sees."""
    red, green, blue = colour_of(number)
    near = f"c && Math.max(Math.abs(c[0] - {red}), Math.abs(c[1] - {green}), Math.abs(c[2] - {blue})) < 12"
    until(page, f"(() => {{ const c = {SHOWN}; return {near}; }})()", 20)


def ranges(asked: list[str]) -> list[int]:
    return [int(text.removeprefix("bytes=").split("-")[0]) for text in asked]


class TestBadInput:
    def test_a_slide_whose_bytes_are_not_those_of_the_index_is_never_shown(self, page: Page, stage: Stage) -> None:
        deck = stage.data["deck"]
        spoilt = bytearray(stage.read(deck["url"]))
        spoilt[json.loads(stage.read(deck["index_url"]))["slides"][0][0] + 50] ^= 1
        deck = {**deck, "url": stage.lay(bytes(spoilt), "image/webp")}
        opened(page, stage.server.url, "t=9", deck=deck)
        page.get_by_role("button", name=SLIDES).click()
        expect(page.get_by_role("status")).to_contain_text("没有通过核对")
        assert page.evaluate(SHOWN) is None
        media_until(page, "audio", "m.currentTime > 9.5 && !m.paused")
        page.keyboard.press("5")
        slide_is(page, 2)
        expect(page.get_by_role("status")).to_be_empty()

    @pytest.mark.parametrize("index", ["/b/00/" + "0" * 64, 'data:application/json,{"v":1,"slides":[]}'])
    def test_slides_that_cannot_be_had_leave_the_sound_and_say_so(self, page: Page, stage: Stage, index: str) -> None:
        opened(page, stage.server.url, deck={**stage.data["deck"], "index_url": index})
        page.get_by_role("button", name=SLIDES).click()
        expect(page.get_by_role("status")).to_contain_text("幻灯片取不到")
        media_until(page, "audio", PLAYS)

    def test_a_lesson_without_slides_offers_none(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, deck=None)
        expect(page.get_by_role("button", name=SLIDES)).to_have_count(0)


class TestShowing:
    def test_slides_follow_the_sound_and_each_seek(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, "t=6.5")
        assert "MB" in page.get_by_role("button", name=SLIDES).inner_text()
        page.get_by_role("button", name=SLIDES).click()
        slide_is(page, 0)
        media_until(page, "audio", "m.currentTime > 8.1")
        slide_is(page, 1)
        page.keyboard.press("7")
        slide_is(page, 3)
        expect(page.get_by_role("img", name="第 4 张幻灯片，共 5 张")).to_be_visible()
        page.keyboard.press("p")
        slide_is(page, 2)
        page.keyboard.press("n")
        slide_is(page, 3)
        page.get_by_role("button", name="目录").click()
        page.get_by_role("button", name="0:32 第 5 张").click()
        slide_is(page, 4)
        assert page.evaluate("trouble") == []

    def test_the_sound_comes_first_and_only_the_next_slides_are_fetched(self, page: Page, stage: Stage) -> None:
        asked: list[str] = []
        order: list[str] = []
        deck = stage.data["deck"]["url"].split("?")[0]

        def note(request: object) -> None:
            url = str(getattr(request, "url", ""))
            order.append(url)
            if deck in url:
                asked.append(getattr(request, "headers", {}).get("range", "bytes=0-"))

        page.on("request", note)
        opened(page, stage.server.url)
        page.get_by_role("button", name=SLIDES).click()
        slide_is(page, 0)
        page.wait_for_timeout(1500)
        assert len(ranges(asked)) == 3, "this one and the two that follow"
        assert ranges(asked) == sorted(set(ranges(asked))), "no byte twice"
        sound = next(place for place, url in enumerate(order) if "audio%2Fmp4" in url)
        assert sound < next(place for place, url in enumerate(order) if "slides.js" in url)

    def test_the_sound_goes_on_while_slides_come_and_go(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, "t=2")
        page.get_by_role("button", name=SLIDES).click()
        slide_is(page, 0)
        page.evaluate("window.paused = 0; document.addEventListener('pause', () => { paused += 1; }, true)")
        page.get_by_role("button", name="只听声音").click()
        expect(page.locator(".player__slide")).to_be_hidden()
        page.get_by_role("button", name=SLIDES).click()
        slide_is(page, 0)
        assert page.evaluate("paused") == 0
        assert media(page, "audio", "!m.paused && m.currentTime > 2")

    def test_another_language_keeps_the_slide(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url, "t=17")
        page.get_by_role("button", name=SLIDES).click()
        slide_is(page, 2)
        page.get_by_role("button", name="语言").click()
        page.locator(".player__panel").get_by_label("藏语（安多）").check()
        media_until(page, "audio", "m.currentTime > 17 && !m.paused && m.src.length > 0")
        slide_is(page, 2)
