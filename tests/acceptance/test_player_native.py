"""A browser with HLS of its own and without Media Source Extensions, as an iPhone's is; Chromium is made such a one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from media_pipeline import hls
from tests.acceptance.browser import chromium, media, media_until
from tests.acceptance.player_stage import PLAYS, SECONDS, SHOWS, WATCH, Stage, opened

NO_MEDIA_SOURCE = "delete window.MediaSource; delete window.WebKitMediaSource"
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(phone_page: Page) -> Page:
    phone_page.add_init_script(NO_MEDIA_SOURCE)
    return phone_page


def playlists(stage: Stage) -> str:
    """Lay the playlists that the site writes of H.264 and AAC; the address of the first."""
    sources = [(item, "video") for item in stage.data["video"] if "h264" in item["name"]]
    sources += [(item, "audio") for item in stage.data["audio"][0]["sources"] if "aac" in item["name"]]
    urls = {item["name"]: _rung(stage, item) for item, _kind in sources}
    return stage.lay(hls.master_playlist([_facts(*each) for each in sources], urls).encode(), PLAYLIST_TYPE)


def _rung(stage: Stage, item: dict[str, Any]) -> str:
    index = json.loads(stage.read(item["index_url"]))
    return stage.lay(hls.media_playlist(index, item["url"]).encode(), PLAYLIST_TYPE)


def _facts(item: dict[str, Any], kind: str) -> Any:
    height = item.get("height")
    width = round(height * 16 / 9) if height else None
    return SimpleNamespace(
        name=item["name"], kind=kind, mime=item["mime"], length=item["length"], duration_s=SECONDS, width=width,
        height=height,
    )  # fmt: skip


def test_picture_and_sound_come_by_the_browsers_own_hls(page: Page, stage: Stage) -> None:
    address = playlists(stage)
    opened(page, stage.server.url, "t=20", hls=address)
    page.get_by_role("button", name=WATCH).click()
    media_until(page, "video", f"{PLAYS} && {SHOWS} && m.webkitAudioDecodedByteCount > 0 && m.currentTime > 21")
    assert address in str(media(page, "video", "m.src"))
    page.keyboard.press("1")
    media_until(page, "video", f"{PLAYS} && m.currentTime > 4 && m.currentTime < 19")
    assert page.evaluate("trouble") == []


@pytest.mark.parametrize("spoilt", [b"#EXTM3U\nnonsense", b"<html>log in first</html>"], ids=["empty", "a page"])
def test_where_the_playlist_is_of_no_use_the_muxed_file_plays_from_the_same_second(
    page: Page, stage: Stage, spoilt: bytes
) -> None:
    opened(page, stage.server.url, "t=20", hls=stage.lay(spoilt, PLAYLIST_TYPE))
    page.get_by_role("button", name=WATCH).click()
    media_until(page, "video", f"{PLAYS} && {SHOWS} && m.currentTime > 20.5")
    assert stage.data["muxed"]["url"] in str(media(page, "video", "m.src"))
