"""The player by keyboard alone and to a screen reader, in every state, as it looks, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.axe import AXE, FINDINGS
from tests.acceptance.browser import chromium, media, media_until
from tests.acceptance.player_stage import LISTEN, PLAYS, SLIDES, WATCH, WAYS, Stage, opened, shown

DESK = {"width": 1280, "height": 800}
SAID = "document.querySelector('.player [aria-live=polite].visually-hidden').textContent.trim()"
FOCUSED = "document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label')"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    opened_page = context.new_page()
    opened_page.set_default_timeout(30_000)
    yield opened_page
    context.close()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that name has the focus; nothing is reached by mouse."""
    for _ in range(40):
        if str(page.evaluate(FOCUSED)).startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached")


def playing(way: str) -> Callable[[Page], None]:
    def start(page: Page) -> None:
        page.get_by_role("button", name=way).click()
        media_until(page, "video" if way == WATCH else "audio", PLAYS)
        expect(page.get_by_role("button", name="速度")).to_be_visible()

    return start


def menu(way: str, name: str) -> Callable[[Page], None]:
    def open_it(page: Page) -> None:
        playing(way)(page)
        page.get_by_role("button", name=name).first.click()
        expect(page.locator(".player__panel")).to_be_visible()

    return open_it


def help_dialog(page: Page) -> None:
    playing(LISTEN)(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def broken(page: Page) -> None:
    page.evaluate("document.querySelector('lesson-player').broken('gone', 0, true)")
    expect(page.get_by_role("button", name="再试一次")).to_be_focused()


def over(page: Page) -> None:
    playing(LISTEN)(page)
    page.evaluate("document.querySelector('lesson-player').seek(38.5)")
    expect(page.get_by_text("放完了")).to_be_visible()


STATES: dict[str, Callable[[Page], None]] = {
    "start": lambda page: None,
    "sound": playing(LISTEN),
    "slides": playing(SLIDES),
    "picture": playing(WATCH),
    "speed": menu(WATCH, "速度"),
    "language": menu(WATCH, "语言"),
    "captions": menu(WATCH, "字幕"),
    "quality": menu(WATCH, "清晰度"),
    "transcript": menu(WATCH, "文字稿"),
    "contents": menu(SLIDES, "目录"),
    "help": help_dialog,
    "broken": broken,
    "over": over,
}


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_state(browser: Browser, stage: Stage, state: str) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport=DESK, locale="zh-CN", color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        opened(page, stage.server.url)
        STATES[state](page)
        page.add_script_tag(path=AXE)
        findings = page.evaluate(FINDINGS)
        context.close()
        assert findings == [], scheme


def test_start_seek_language_subtitles_and_speed_by_keyboard_alone(page: Page, stage: Stage) -> None:
    opened(page, stage.server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "radio", "the language comes before the ways"
    for way in (LISTEN, SLIDES, WATCH):
        page.keyboard.press("Tab")
        assert str(page.evaluate(FOCUSED)).startswith(way)
    page.keyboard.press("Enter")
    media_until(page, "video", PLAYS)
    expect(page.get_by_role("button", name="暂停")).to_be_focused()

    page.keyboard.press("Space")
    media_until(page, "video", "m.paused")
    assert page.evaluate(SAID) == "已暂停"
    page.keyboard.press("k")
    media_until(page, "video", "!m.paused")
    assert page.evaluate(SAID) == "正在播放"

    page.keyboard.press("5")
    media_until(page, "video", "m.currentTime >= 20 && m.currentTime < 30 && !m.seeking")
    page.keyboard.press("ArrowLeft")
    media_until(page, "video", "m.currentTime >= 9 && m.currentTime < 20 && !m.seeking")
    page.keyboard.press("l")
    media_until(page, "video", "m.currentTime >= 19 && m.currentTime < 31 && !m.seeking")

    tab_to(page, "语言")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.querySelector('lesson-player').sound.language") == "adx"
    assert str(page.evaluate(SAID)).startswith("藏语（安多）")
    assert page.evaluate("document.activeElement.type") == "radio", "the choice keeps the focus"
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "语言"
    media_until(page, "video", "!m.paused && m.readyState > 2")

    tab_to(page, "字幕")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("0")
    expect(page.locator(".player__captions")).to_have_text("བློ་མཐུན་རྣམས་བདེ་མོ།")
    expect(page.locator(".player__captions")).to_have_attribute("lang", "bo")
    page.keyboard.press("c")
    expect(page.locator(".player__captions")).to_be_hidden()
    assert page.evaluate(SAID) == "字幕 不显示"
    page.keyboard.press("c")
    expect(page.locator(".player__captions")).to_be_visible()
    page.keyboard.press("Escape")

    page.keyboard.press(">")
    page.keyboard.press(">")
    assert media(page, "video", "m.playbackRate") == 1.5
    assert page.evaluate(SAID) == "速度 1.5×"
    for _ in range(9):
        page.keyboard.press("<")
    assert media(page, "video", "m.playbackRate") == 0.75
    page.keyboard.press("m")
    assert media(page, "video", "m.muted")
    page.keyboard.press("ArrowDown")
    assert media(page, "video", "m.volume") == 0.9


def test_the_help_lists_the_keys_and_gives_the_focus_back(page: Page, stage: Stage) -> None:
    opened(page, stage.server.url)
    playing(LISTEN)(page)
    tab_to(page, "速度")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_be_visible()
    assert dialog.locator("kbd").count() >= 18
    expect(dialog.get_by_role("button", name="关上")).to_be_focused()
    before = media(page, "audio", "m.muted")
    page.keyboard.press("m")
    assert media(page, "audio", "m.muted") == before, "a dialog has no keys of the player"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert str(page.evaluate(FOCUSED)).startswith("速度")


def test_keys_outside_of_the_player_are_not_taken(page: Page, stage: Stage) -> None:
    opened(page, stage.server.url)
    playing(LISTEN)(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("m")
    assert not media(page, "audio", "m.muted")


@pytest.mark.parametrize("lang", ["zh-Hans", "bo"])
def test_nothing_is_wider_than_a_small_phone_in_any_way_of_taking_the_lesson(
    browser: Browser, stage: Stage, lang: str
) -> None:
    for way in WAYS:
        with shown(browser, stage, way, lang=lang, width=360, height=640) as page:
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, way


SAVING = "Object.defineProperty(navigator, 'connection', {value: Object.assign(new EventTarget(), {saveData: true})})"


def test_a_key_or_a_pointer_on_the_seek_bar_shows_a_small_picture_that_is_fetched_only_then(
    page: Page, stage: Stage
) -> None:
    sprite = stage.data["sprite"]
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.removeprefix(stage.server.url)))
    opened(page, stage.server.url)
    playing(WATCH)(page)
    assert not {sprite["url"], sprite["index_url"]} & set(fetched)

    bar, peek = page.locator(".player__range"), page.locator(".player__peek")
    bar.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    page.keyboard.press("ArrowRight")
    expect(peek).to_be_visible()
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    expect(peek).to_contain_text("0:3")
    shown = page.locator(".player__peek-picture").evaluate("e => [e.style.backgroundImage, e.style.backgroundPosition]")
    assert sprite["url"] in shown[0] and shown[1] == "-480px 0px", shown
    assert {sprite["url"], sprite["index_url"]} <= set(fetched)
    assert peek.get_attribute("aria-hidden") == "true", "the time is said by the slider"
    page.mouse.move(0, 0)
    expect(peek).to_be_hidden()


def test_where_bytes_are_saved_no_small_picture_is_fetched(page: Page, stage: Stage) -> None:
    page.add_init_script(SAVING)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    opened(page, stage.server.url)
    playing(LISTEN)(page)
    page.locator(".player__range").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".player__peek")).to_have_count(0)
    assert not any(stage.data["sprite"]["index_url"] in url for url in fetched)
