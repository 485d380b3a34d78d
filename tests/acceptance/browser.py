"""One real Chromium for every acceptance test, and the waiting and picture-taking that all of them need."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

PROGRAM = "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser until the block ends.

    Playwright keeps a loop in this thread, which Django takes for asynchronous code and refuses the test's own reads.
    """
    with patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="true"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def picture(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page for a person to look at (an ignored folder)."""
    folder = settings.STATE_DIR / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def until(page: Page, expression: str, seconds: float = 60) -> None:
    """Wait until a JavaScript expression, or what a function gives, is true.

    Playwright's own wait needs `eval`, which the pages' content policy refuses.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {expression}\n{page.inner_text('body')[:1500]}")
        page.wait_for_timeout(50)


def media(page: Page, kind: str, expression: str) -> Any:
    """What the player's `kind` element, called `m` in the expression, says; None where there is none."""
    return page.evaluate(_of_media(kind, expression))


def media_until(page: Page, kind: str, condition: str, seconds: float = 30) -> None:
    """Wait until the player's `kind` element, called `m` in the condition, fulfils it."""
    until(page, _of_media(kind, condition), seconds)


def _of_media(kind: str, expression: str) -> str:
    return f"(() => {{ const m = document.querySelector('lesson-player {kind}'); return m && ({expression}); }})()"
