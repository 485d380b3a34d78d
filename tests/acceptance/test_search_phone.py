"""找 on a phone: narrowing by thumb, words that complete themselves, and nothing for axe to find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.axe import AXE, FINDINGS
from tests.acceptance.browser import picture
from tests.acceptance.site_stage import Site
from tests.acceptance.test_pages_public import SMALL_TARGETS, context_of

WORD = "原子城"
"""In the site's pages a red site and a teacher have it."""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = context_of(browser, bypass_csp=True)
    yield context.new_page()
    context.close()


def findings(page: Page) -> Any:
    page.add_script_tag(path=AXE)
    return page.evaluate(FINDINGS)


def test_facets_narrow_and_what_they_hide_is_said(site: Site, phone: Page) -> None:
    phone.goto(f"{site.server.url}/search/?q={quote(WORD)}")
    phone.get_by_text("筛选", exact=True).click()
    picture(phone, "search-facets")
    assert phone.evaluate(SMALL_TARGETS) == []
    assert findings(phone) == []
    phone.get_by_role("link", name="红色资源 1").click()
    expect(phone.locator(".result")).to_have_count(1)
    expect(phone.get_by_text("筛选（已选 1）")).to_be_visible()
    phone.locator("#q").fill("才仁")
    phone.locator("#q").press("Enter")
    expect(phone.get_by_text("被筛选挡住了")).to_be_visible()
    picture(phone, "search-hidden")
    assert findings(phone) == []
    phone.get_by_role("link", name="去掉“红色资源” 2").click()
    expect(phone.locator(".result")).to_have_count(2)


def test_words_are_completed_by_initials_and_misspelt_ones_corrected(site: Site, phone: Page) -> None:
    phone.goto(f"{site.server.url}/search/")
    box = phone.get_by_role("combobox")
    phone.get_by_role("searchbox").focus()
    box.press_sequentially("yzcj")
    expect(phone.get_by_role("option", name="原子城纪念馆")).to_be_visible()
    picture(phone, "search-suggestions")
    assert findings(phone) == []
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    box.press("Escape")
    expect(phone.get_by_role("option")).to_have_count(0)
    box.press_sequentially("n")
    phone.get_by_role("option", name="原子城纪念馆").click()
    expect(phone.get_by_role("heading", name="原子城纪念馆")).to_be_visible()
    phone.goto(f"{site.server.url}/search/?q={quote('原紫城记年馆')}")
    picture(phone, "search-meant")
    assert findings(phone) == []
    phone.get_by_role("link", name="原子城纪念馆").click()
    expect(phone.get_by_role("heading", name="原子城纪念馆")).to_be_visible()
