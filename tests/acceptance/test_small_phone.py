"""What a person must see or reach in the first view of a small phone, in both languages, by eye, thumb and ear."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.wording import as_json
from offline.sync.errors import DeviceRevoked
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


LEARN = """async () => {
  await import(document.querySelector('lesson-player').dataset.records);
  const material = '5a9cfd7c-0f5e-4c52-9d7e-3f0b6d6a1e01';
  const detail = { material, revision: 'a', intervals: [[0, 10]], duration: 600 };
  while (!document.querySelector('[data-records-line]').textContent) {
    document.dispatchEvent(new CustomEvent('lesson-progress', { detail }));
    await new Promise((later) => setTimeout(later, 100));
  }
}"""
"""Studies for ten seconds, as soon as somebody listens."""


@BOTH
def test_why_records_stay_on_the_phone_is_said_below_the_lesson(site: Site, page: Page, tibetan: bool) -> None:
    phone = {"member_pseudonym": str(uuid.uuid4()), "device_id": str(uuid.uuid4()), "challenge": "c"}
    page.route("**/api/v1/devices/**", lambda route: route.fulfill(json=phone))
    refusal = as_json(DeviceRevoked())
    page.route("**/api/v1/records/", lambda route: route.fulfill(json=refusal, status=DeviceRevoked.http_status))
    page.goto(site.address("lesson", tibetan=tibetan))
    page.evaluate(LEARN)
    line = page.locator("[data-records-line]")
    said = refusal["error"]["message_bo" if tibetan else "message"]
    expect(line.locator(f"[lang={'bo' if tibetan else 'zh-Hans'}]")).to_have_text(said)
    expect(line.locator("[lang=en]")).to_have_text(DeviceRevoked.message_en)
