"""The first sound over a poor line, and two minutes of a lecture over all of them at once, in which nothing waits.

The journey (`test_journey.py`) streams the picture at 300 kbit/s in the same manner.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from tests import calm
from tests.acceptance.browser import chromium, media, media_until
from tests.acceptance.player_stage import LISTEN, SLIDES, WATCH, Stage, opened, player_stage
from tests.throttling_proxy import ThrottlingProxy

WATCH_S = 120.0
"""What the issue asks for at each rate."""
LECTURE_S = 140.0


@dataclass(frozen=True)
class Line:
    """One way of taking the lecture, and the rate it must do with in kbit/s."""

    way: str
    kbit_s: float
    element: str


LINES = [Line(SLIDES, 64, "audio"), Line(LISTEN, 64, "audio"), Line(WATCH, 120, "video")]


@pytest.fixture(scope="module")
def long_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with player_stage(tmp_path_factory.mktemp("long"), seconds=LECTURE_S) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def begin(page: Page, link: ThrottlingProxy, line: Line) -> float:
    """Tap the way over the slow line; the second at which it was watched first."""
    opened(page, link.url)
    page.wait_for_load_state("networkidle")
    link.kbit_s = line.kbit_s
    page.get_by_role("button", name=line.way).click()
    media_until(page, line.element, "m.currentTime > 0.3 && !m.paused", 60)
    page.evaluate("""window.waits = []; document.addEventListener('pause', (e) => waits.push(['pause',
      e.target.currentTime]), true); 0""")
    return float(str(media(page, line.element, "m.currentTime")))


def test_the_first_sound_comes_within_5_s_at_64_kbit(phone_page: Page, long_stage: Stage) -> None:
    with ThrottlingProxy("127.0.0.1", long_stage.server.port, kbit_s=20_000) as link:
        opened(phone_page, link.url)
        phone_page.wait_for_load_state("networkidle")
        link.kbit_s = 64
        with calm.alone():
            began = phone_page.evaluate("performance.now()")
            phone_page.get_by_role("button", name=LISTEN).click()
            media_until(phone_page, "audio", "m.currentTime > 0 && m.webkitAudioDecodedByteCount > 0", 15)
            assert phone_page.evaluate("performance.now()") - began <= 5000


def test_nothing_waits_for_two_minutes_at_64_and_120_kbit(browser: Browser, long_stage: Stage) -> None:
    with ExitStack() as stack:
        running = []
        for line in LINES:
            link = stack.enter_context(ThrottlingProxy("127.0.0.1", long_stage.server.port, kbit_s=20_000))
            context = browser.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN")
            stack.callback(context.close)
            page = context.new_page()
            running.append((line, link, page, begin(page, link, line)))
        deadline = time.monotonic() + WATCH_S + 60
        for line, _link, page, began in running:
            media_until(page, line.element, f"m.currentTime > {began + WATCH_S}", max(1, deadline - time.monotonic()))
        for line, link, page, _began in running:
            print(f"{line.way} at {line.kbit_s} kbit/s: {link.bytes_down} bytes")
            assert page.evaluate("waits") == [], f"{line.way} at {line.kbit_s} kbit/s"
        assert media(running[0][2], "audio", "m.webkitAudioDecodedByteCount > 0")
        assert (
            running[0][2]
            .locator(".player__slide")
            .evaluate("image => image.naturalWidth > 0 && /^第 1[6-8] 张/.test(image.alt)")
        ), "the slides of the last seconds were there in time"
        assert media(running[2][2], "video", "m.videoWidth > 0 && m.webkitDecodedFrameCount > 100")
