"""`make pictures`: every page and state of the player in two languages, two colour schemes and several sizes.

For a person to look at, in `tests/acceptance/screenshots`; what a program can tell of them is asserted elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.acceptance.player_stage import WAYS, Stage, shown
from tests.acceptance.site_stage import Site
from tests.acceptance.test_pages_public import EVERY, SIZES, context_of

FOLDER = Path(__file__).parent / "screenshots"
CHINESE_ONLY = {"missing", "login", "join", "me"}
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.mark.parametrize("size", SIZES)
@schemes
def test_the_pages(site: Site, browser: Browser, size: str, scheme: Any) -> None:
    FOLDER.mkdir(exist_ok=True)
    context = context_of(browser, size, color_scheme=scheme)
    page = context.new_page()
    for name in EVERY:
        for tibetan in (False,) if name in CHINESE_ONLY else (False, True):
            page.goto(site.address(name, tibetan=tibetan))
            letters = "bo" if tibetan else "zh"
            page.screenshot(path=FOLDER / f"{name.replace(' ', '-')}-{size}-{scheme}-{letters}.png")
    context.close()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1280, 800)])
@pytest.mark.parametrize("lang", ["zh-Hans", "bo"])
@schemes
def test_the_player(browser: Browser, stage: Stage, lang: str, width: int, height: int, scheme: Any) -> None:
    FOLDER.mkdir(exist_ok=True)
    for way in WAYS:
        with shown(browser, stage, way, lang=lang, width=width, height=height, color_scheme=scheme) as page:
            page.screenshot(path=FOLDER / f"player-{way}-{width}x{height}-{scheme}-{lang}.png", full_page=True)
