"""Which picture the player takes in a real Chromium: by codec, by what the device says, and by what it costs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from media_pipeline.fmp4 import top_level
from tests.acceptance.browser import chromium, media, media_until, until
from tests.acceptance.player_stage import DECK, PLAYS, SHOWS, WATCH, Stage, opened

NO_CHANGE_TYPE = "delete SourceBuffer.prototype.changeType"
WITHOUT_AV1 = """const able = MediaSource.isTypeSupported;
MediaSource.isTypeSupported = (mime) => !mime.includes('av01') && able.call(MediaSource, mime);"""
AV1_STUMBLES = """navigator.mediaCapabilities.decodingInfo = async ({ video }) =>
  ({ supported: true, smooth: !video.contentType.includes('av01'), powerEfficient: true });"""
SPEED = "Object.defineProperty(navigator, 'connection', { value: { downlink: %s, effectiveType: '4g', saveData: %s } })"
KEEP_TIMES = """window.times = [];
document.addEventListener('timeupdate', (event) => times.push(event.target.currentTime), true);"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(phone_page: Page) -> Page:
    return phone_page


def rung(stage: Stage, name: str) -> dict[str, Any]:
    found = next(item for item in stage.data["video"] if item["name"] == name)
    assert isinstance(found, dict)
    return found


def used(page: Page) -> list[str]:
    return list(page.evaluate(f"[...{DECK}.used]"))


def watch_to_the_end(page: Page, stage: Stage, *, start: int = 0) -> None:
    opened(page, stage.server.url, f"t={start}")
    page.get_by_role("button", name=WATCH).click()
    media_until(page, "video", f"{PLAYS} && {SHOWS}")
    page.evaluate("document.querySelector('lesson-player').pickSpeed(2)")
    media_until(page, "video", "m.ended", 60)


class TestBadInput:
    @pytest.mark.parametrize("what", ["frames", "boxes"])
    def test_an_av1_picture_that_cannot_be_decoded_goes_on_in_h264_at_the_same_second(
        self, page: Page, stage: Stage, what: str
    ) -> None:
        av1 = rung(stage, "av1-360")
        spoilt = bytearray(stage.read(av1["url"]))
        boxes = [box for box in top_level(io.BytesIO(spoilt), len(spoilt)) if box.kind in ("moof", "mdat")][4:]
        for box in boxes:
            if what == "boxes" or box.kind == "mdat":
                begin = box.start + box.header
                spoilt[begin : box.end] = b"\xff" * (box.end - begin)
        laid = stage.lay(bytes(spoilt), "video/mp4")
        video = [*stage.data["video"][:2], {**av1, "url": laid}]
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.add_init_script(KEEP_TIMES)
        page.add_init_script("localStorage.setItem('gyxf:player:habits', '{\"quality\":\"av1-360\"}')")
        opened(page, stage.server.url, "t=13", video=video)
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"m.currentTime > 13.5 && {SHOWS}")
        assert any(laid in url for url in asked), "the AV1 picture was tried first"
        until(page, f"{DECK} && [...({DECK}.used ?? [])].join() === 'avc1'", 40)
        media_until(page, "video", f"m.currentTime > 24 && m.src.startsWith('blob:') && {SHOWS}", 40)
        times = [time for time in page.evaluate("times") if time > 0]
        steps = [after - before for before, after in pairwise(times)]
        assert min(steps) > -1.5, "nothing is heard twice"
        assert max(steps) < 1.5, "nothing is left out"
        assert min(times) >= 12.9

    def test_where_there_is_no_other_codec_the_muxed_file_goes_on(self, page: Page, stage: Stage) -> None:
        av1 = rung(stage, "av1-360")
        spoilt = stage.lay(b"\xff" * av1["length"], "video/mp4")
        opened(page, stage.server.url, video=[{**av1, "url": spoilt}])
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"{PLAYS} && {SHOWS} && !m.src.startsWith('blob:')")


class TestChoice:
    def test_it_climbs_from_the_small_h264_to_av1_in_mid_stream(self, page: Page, stage: Stage) -> None:
        small, *larger = stage.data["video"]
        opened(page, stage.server.url, video=[{**small, "length": rung(stage, "av1-360")["length"] // 2}, *larger])
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"{PLAYS} && m.videoHeight === 240")
        until(page, f"{DECK}.used.has('av01')", 30)
        page.keyboard.press("9")
        media_until(page, "video", "m.currentTime > 36.5 && m.videoHeight >= 360 && !m.paused")
        assert used(page) == ["avc1", "av01"], "one change, and never by way of H.264 at the same height"
        assert page.evaluate("trouble") == []

    @pytest.mark.parametrize(
        ("hindrance", "codecs"),
        [(NO_CHANGE_TYPE, ["avc1"]), (WITHOUT_AV1, ["avc1"]), (AV1_STUMBLES, ["avc1"])],
        ids=["codec cannot be changed", "no AV1", "AV1 stumbles"],
    )
    def test_a_device_that_cannot_stays_with_h264(
        self, page: Page, stage: Stage, hindrance: str, codecs: list[str]
    ) -> None:
        page.add_init_script(hindrance)
        watch_to_the_end(page, stage)
        assert used(page) == codecs
        assert media(page, "video", "m.videoHeight") == 360

    def test_where_av1_takes_hardly_more_than_the_smallest_it_is_there_from_the_first_frame(
        self, page: Page, stage: Stage
    ) -> None:
        av1 = rung(stage, "av1-360")
        video = [{**item, "length": round(av1["length"] * 0.9)} for item in stage.data["video"][:1]]
        opened(page, stage.server.url, video=[*video, av1])
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"{PLAYS} && {SHOWS} && m.videoHeight === 360")
        assert used(page) == ["av01"]

    def test_where_av1_takes_the_fewest_bytes_it_is_there_from_the_first_frame(self, page: Page, stage: Stage) -> None:
        large = [{**item, "length": item["length"] * 9} for item in stage.data["video"] if "h264" in item["name"]]
        opened(page, stage.server.url, video=[*large, rung(stage, "av1-360")])
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", f"{PLAYS} && {SHOWS} && m.videoHeight === 360")
        assert used(page) == ["av01"]


class TestCost:
    @pytest.mark.parametrize(
        ("downlink", "saving", "name"),
        [(9, "false", "av1-480"), (0.15, "false", "h264-240"), (9, "true", "h264-240")],
        ids=["a fast line", "a slow line", "a person who saves"],
    )
    def test_the_button_names_the_megabytes_of_the_rung_that_would_be_chosen_now(
        self, page: Page, stage: Stage, downlink: float, saving: str, name: str
    ) -> None:
        lengths = {"h264-240": 500_000, "h264-360": 1_900_000, "av1-360": 1_300_000, "av1-480": 2_400_000}
        video = [{**item, "length": lengths[item["name"]]} for item in stage.data["video"]]
        sounds = [{**source, "length": 100_000} for source in stage.data["audio"][0]["sources"]]
        page.add_init_script(SPEED % (downlink, saving))
        opened(page, stage.server.url, video=video, audio=[{**stage.data["audio"][0], "sources": sounds}])
        cost = f"{(lengths[name] + 100_000) / 1e6:.1f} MB"
        button = page.get_by_role("button", name=WATCH)
        assert cost in button.inner_text()

    def test_the_menu_of_pictures_says_what_each_takes(self, page: Page, stage: Stage) -> None:
        opened(page, stage.server.url)
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", PLAYS)
        page.get_by_role("button", name="清晰度").click()
        rows = page.locator(".player__panel .choice").all_inner_texts()
        assert [row.split()[0] for row in rows] == ["自动，看网速", "240p", "360p", "480p"]
        assert all(row.endswith("MB") for row in rows)
        page.get_by_label("480p").check()
        until(page, f"{DECK}.video.item.name === 'av1-480'", 20)
        ways = page.locator(".player__tools button", has=page.locator(".cost")).all_inner_texts()
        assert [way.split()[0] for way in ways] == ["只听声音", "看幻灯片"]
