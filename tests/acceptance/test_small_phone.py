"""What a person must see or reach in the first view of a small phone, in both languages, by eye, thumb and ear."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.site_stage import Site
from tests.acceptance.spoken_phone import heard, lend_voices

BOTH = pytest.mark.parametrize("tibetan", [False, True], ids=["zh", "bo"])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 640}, service_workers="block")
    yield context.new_page()
    context.close()


def top_of_places(page: Page) -> float:
    box = page.locator("nav.places").bounding_box()
    assert box is not None
    return box["y"]


@BOTH
def test_the_five_places_leave_the_page_its_room_and_their_words_stand_clear_of_the_signs(
    site: Site, page: Page, tibetan: bool
) -> None:
    page.goto(site.address("courses", tibetan=tibetan))
    assert 640 - top_of_places(page) <= 84
    for link in page.locator("nav.places a").all():
        sign, word = link.locator("svg").bounding_box(), link.locator("span").bounding_box()
        assert sign
        assert word
        assert word["y"] >= sign["y"] + sign["height"]


@BOTH
def test_each_language_is_a_row_to_itself_and_the_lesson_begins_without_scrolling(
    site: Site, page: Page, tibetan: bool
) -> None:
    page.goto(site.address("lesson", tibetan=tibetan))
    rows = [row.bounding_box() for row in page.locator(".player__languages .choice").all()]
    assert len(rows) == 2
    assert all(row and row["width"] > 250 and row["height"] >= 48 for row in rows)
    play = page.locator(".player__start .button--primary").bounding_box()
    assert play
    assert play["y"] + 48 <= top_of_places(page)


def test_the_name_of_a_language_is_heard_before_it_is_chosen(site: Site, page: Page) -> None:
    lend_voices(page, "zh-CN")
    page.goto(site.address("lesson"))
    row = page.locator(".player__languages .spoken").nth(1)
    row.locator(".listen").click()
    assert heard(page)[-1][1].startswith("藏语（安多）")
    expect(row.get_by_role("radio")).not_to_be_checked()


def test_that_the_tibetan_is_a_draft_takes_one_line_and_is_put_away_for_good(site: Site, page: Page) -> None:
    page.goto(site.address("courses", tibetan=True))
    line = page.locator("[data-draft]")
    box = line.bounding_box()
    assert box
    assert box["height"] <= 40
    line.get_by_role("button").click()
    expect(line).to_be_hidden()
    page.goto(site.address("sites", tibetan=True))
    expect(line).to_be_hidden()
