"""What members, the herder, the secretary and the trainer do, click by click."""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests import calm
from tests.acceptance.browser import media, media_until, picture, until
from tests.acceptance.journey import LISTEN, MINUTE, WATCH, Journey
from tests.throttling_proxy import Asked, ThrottlingProxy

PLAYING = "m.currentTime > 0.5 && !m.paused"
DECODED = "m.videoWidth > 0 && m.webkitDecodedFrameCount > 5 && m.webkitAudioDecodedByteCount > 0"
NOTE_WAITS = """() => {
  window.waits = [];
  const heard = (kind, action) => document.addEventListener(kind, (event) => {
    if (event.target.localName === 'video') action(event.target);
  }, true);
  heard('loadeddata', () => { window.firstFrame ??= performance.now(); });
  heard('waiting', (video) => {
    if (window.firstFrame === undefined) return;
    window.waits.push([video.currentTime, video.buffered.length && video.buffered.end(0)]);
  });
}"""
"""Media events don't bubble, but the document sees them on their way down, also of a player that is not there yet."""
LARGEST_PIECES = """
import json
from media_pipeline.models import Rendition
from media_pipeline.objects import default_store
print(json.dumps({
    row.sha256: [row.length, max(piece[0] for piece in index["segments"])]
    for row in Rendition.objects.filter(kind__in=["audio", "video"]).exclude(index_sha256="")
    if "segments" in (index := json.loads(default_store().read(row.index_sha256, limit=1 << 20)))
}))
"""
WATCH_S = 120.0
"""How long streaming at 300 kbit/s is watched (the journey, step 4)."""
SOUND_LIMIT_MS = 5000
"""First sound at 64 kbit/s (architecture.md §5)."""
QUESTIONS = 3
"""Of the journey's quiz (`journey_people`)."""
MINUTES_PER_HOUR, TARGET_HOURS = 45, 32
"""Of a study hour, and of a member's year (domain.md §2)."""
TEST_SPEED = 6
"""Times as fast as a herder listens; the player takes a faster step for a jump, and a jump is not learned."""


def stream_at_300_kbit(journey: Journey, link: ThrottlingProxy, word: str, watch_s: float) -> None:
    """Member: search a two-character word, open the lesson, watch; nothing waits after the first frame."""
    page = journey.phone(link.url)
    link.kbit_s = 300
    page.goto(f"/search/?q={quote(word)}")
    page.get_by_role("link", name=journey.lesson_title).first.click()
    picture(page, "journey-4-lesson")
    page.evaluate(NOTE_WAITS)
    page.get_by_role("button", name=WATCH).click()
    media_until(page, "video", PLAYING, 30)
    assert page.evaluate("window.firstFrame > 0")
    began = float(str(media(page, "video", "m.currentTime")))
    media_until(page, "video", f"m.currentTime > {began + watch_s} || m.ended", watch_s + 60)
    waits = page.evaluate("window.waits")
    assert waits == [], f"[second, buffered until] of every stop: {waits}"
    assert media(page, "video", DECODED), "picture and sound were decoded"
    picture(page, "journey-4-streaming")
    page.close()  # Or it would go on fetching, over the line that the next phone is alone on.


def listen_at_64_kbit(journey: Journey, link: ThrottlingProxy) -> None:
    """Member: the audio button gives sound within five seconds on the poorest line."""
    link.kbit_s = 2000
    page = journey.phone(link.url)
    page.goto(journey.lesson_url)
    page.wait_for_load_state("networkidle")
    with calm.alone():
        link.kbit_s = 64
        began = page.evaluate("performance.now()")
        page.get_by_role("button", name=LISTEN).click()
        media_until(page, "audio", "m.currentTime > 0 && m.webkitAudioDecodedByteCount > 0", 20)
        took_ms = page.evaluate("performance.now()") - began
    assert took_ms <= SOUND_LIMIT_MS, took_ms


def open_an_account(journey: Journey, branch: str, name: str) -> None:
    """Secretary: open a herder's account and print the card with the one-time code."""
    with journey.desk("secretary") as page:
        page.goto(f"/branch/{branch}/")
        page.click("text=开通账号")
        page.fill("#id_name", name)
        page.click("button:has-text('开通')")
        page.wait_for_load_state()
        picture(page, "journey-6-account")
        with page.context.expect_page() as printed:
            page.locator("button:has-text('打印激活卡')").first.click()
        card = printed.value
        card.wait_for_load_state()
        journey.code = card.inner_text("[data-code]").strip()
        picture(card, "journey-6-card")
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", journey.code.replace(" ", "-")), journey.code


def sign_in_with_the_code(journey: Journey, page: Page) -> None:
    """Herder: type the card's code; the phone remembers."""
    page.goto("/join/")
    page.fill("#id_code", journey.code)
    page.click("main button[type=submit]")
    page.wait_for_url("**/me/**")
    picture(page, "journey-6-signed-in")


def refuse_the_code_twice(journey: Journey) -> None:
    """Anybody else: the same code again says what to do, in both languages."""
    page = journey.phone()
    page.goto("/join/")
    page.fill("#id_code", journey.code)
    page.click("main button[type=submit]")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("书记")
    expect(alert).to_contain_text("secretary")
    picture(page, "journey-6-used-twice")


def refuse_another_branch(page: Page, other: str) -> None:
    """Herder: another branch's page is not his."""
    answer = page.goto(f"/branch/{other}/")
    assert answer is not None
    assert answer.status in {403, 404}
    expect(page.locator("main")).to_contain_text("请回到自己的支部")


def get_the_package(journey: Journey, page: Page, link: ThrottlingProxy, title: str) -> None:
    """Herder: two taps; the line is cut on the way and the download goes on by itself, nothing verified twice."""
    page.goto("/packages/")
    page.wait_for_selector("#app[data-ready]")
    picture(page, "journey-6-packages")
    link.kbit_s = 600
    link.asked.clear()
    page.click(f"text={title}")
    page.wait_for_selector("#app[data-ready=package]")
    page.click("#download-button")
    until(page, "document.querySelector('#download progress')?.value > 300", 180)
    link.cut()
    page.wait_for_selector("#download[data-kind=waiting]", timeout=MINUTE)
    picture(page, "journey-6-cut")
    link.kbit_s = 4000
    link.restore()
    page.wait_for_selector("#download[data-kind=here]", timeout=3 * MINUTE)
    picture(page, "journey-6-here")
    expect(page.locator("#lessons .list__item")).to_have_count(1)  # named by itself and in its unit, packed once
    assert_no_verified_byte_twice(journey, link)


def assert_no_verified_byte_twice(journey: Journey, link: ThrottlingProxy) -> None:
    """Ranges only move forward, and what came twice is at most the one piece that was on its way at the cut."""
    fetched: dict[str, list[Asked]] = {}
    for asked in link.asked:
        if asked.path.startswith("/b/"):
            fetched.setdefault(asked.path.partition("?")[0][-64:], []).append(asked)
    pieces = cast("dict[str, tuple[int, int]]", journey.product.ask(LARGEST_PIECES))
    resumed = 0
    for sha256, requests in fetched.items():
        if sha256 not in pieces:
            continue
        length, largest = pieces[sha256]
        starts = [asked.first for asked in requests]
        assert starts == sorted(starts), f"{sha256}: a request began before what was verified: {starts}"
        sent = sum(asked.sent for asked in requests)
        again = sent - length
        assert 0 <= again <= (largest if len(requests) > 1 else 0), (sha256, length, largest, requests)
        resumed += len(requests) > 1 and starts[-1] > 0
        print(f"{sha256[:8]}: {length} bytes, from {starts}, {again} again, largest piece {largest}")
    assert resumed, "the cut fell into an object of which something was verified"


def learn_without_a_network(page: Page, link: ThrottlingProxy, lesson: str) -> None:
    """Herder: the line is gone, the page is loaded again; the lesson plays with sound, seeks and is finished."""
    link.cut()
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#app[data-ready=package]")
    page.click(f"#lessons a:has-text('{lesson}')")
    page.get_by_role("button", name=WATCH).click()
    media_until(page, "video", PLAYING, 30)
    media_until(page, "video", DECODED, 30)
    duration = float(str(media(page, "video", "m.duration")))
    page.evaluate(f"document.querySelector('lesson-player video').currentTime = {duration / 2}")
    media_until(page, "video", f"m.currentTime > {duration / 2 + 0.5} && !m.seeking", 30)
    picture(page, "journey-6-offline")
    page.evaluate(
        "() => { const v = document.querySelector('lesson-player video');"
        f" v.currentTime = 0; v.playbackRate = {TEST_SPEED}; }}"
    )
    media_until(page, "video", "m.ended || m.currentTime > m.duration - 0.5", duration + 60)
    until(page, "document.querySelector('#records')?.dataset.waiting === '2'", 30)


def answer_the_quiz(page: Page, package_url: str) -> None:
    """Herder: the picture quiz, one question a screen, still without a network."""
    page.goto(package_url)
    page.wait_for_selector("#app[data-ready=package]")
    page.click("a:has-text('接羔知识')")
    page.wait_for_selector(".answer")
    picture(page, "journey-6-quiz")
    for number in range(1, QUESTIONS + 1):
        expect(page.locator("#quiz")).to_contain_text(f"第 {number} 题")
        page.click(".answer[data-key=a]")
        page.click("#next")
    page.wait_for_selector("#quiz[data-finished]")
    expect(page.locator("#records")).to_contain_text("等待发送")
    picture(page, "journey-6-quiz-finished")


def come_back_to_the_network(page: Page, link: ThrottlingProxy) -> None:
    """Herder: does nothing; the records leave by themselves and the server confirms them."""
    link.restore()
    page.context.set_offline(False)
    page.wait_for_selector("#records[data-waiting='0']", timeout=2 * MINUTE)


def see_who_lacks_hours(journey: Journey, branch: str, name: str, minutes: int) -> None:
    """Secretary: the self-study stands in its own column, and the page says what is still lacking and why."""
    hours = f"{minutes * 10 // MINUTES_PER_HOUR / 10:.1f}"
    with journey.desk("secretary") as page:
        page.goto(f"/branch/{branch}/")
        row = page.locator("[data-member]", has_text=name)
        expect(row).to_contain_text(f"0.0 / {TARGET_HOURS} 学时")
        expect(row).to_contain_text(f"集中培训和集体学习还差 {TARGET_HOURS} 学时。")
        expect(row).to_contain_text(f"另有自学 {hours} 学时，单独列出，不计入规定学时。")
        picture(page, "journey-7-branch")
        row.get_by_role("link", name="看明细").click()
        entry = page.locator("tbody tr", has_text=journey.lesson_title)
        expect(entry).to_have_count(1)
        expect(entry.locator("td").nth(1)).to_have_text("自学")
        expect(entry.locator("td").nth(2)).to_have_text(str(minutes))
        picture(page, "journey-7-member")


def jump_to_the_second(journey: Journey, phrase: str, second: float) -> None:
    """Trainer: a phrase that is only said leads to the second it is said at."""
    with journey.desk("trainer") as page:
        page.goto(f"/search/?q={quote(phrase)}")
        picture(page, "journey-8-search")
        page.locator(".result__places a").first.click()
        page.wait_for_load_state()
        found = re.search(r"[?#&]t=([\d.]+)", page.url)
        assert found, page.url
        assert abs(float(found[1]) - second) <= 1.0
        page.get_by_role("button", name=WATCH).click()
        media_until(page, "video", "!m.paused && m.videoWidth > 0", 30)
        assert abs(float(str(media(page, "video", "m.currentTime"))) - second) <= 3.0
        picture(page, "journey-8-second")
