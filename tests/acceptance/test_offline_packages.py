"""A herder's phone: the package comes over a bad line, stays, plays without a network, and its records arrive once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, ViewportSize, expect

from offline.sync.errors import DeviceRevoked
from tests.acceptance.browser import chromium, picture, until
from tests.acceptance.offline_site import SLIDES_FROM_S, Fault, OfflineSite, lesson_manifest, transcode

PHONE: ViewportSize = {"width": 360, "height": 640}
COMPLETE = 60_000
"""Milliseconds that a whole download may take on a busy machine."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def lectures() -> Path:
    """Two lectures through the real pipeline, kept for the next run."""
    folder = settings.STATE_DIR / "offline-lectures"
    for seed in (1, 2):
        transcode(folder / str(seed), seed=seed, duration_s=24)
    return folder


def fill(site: OfflineSite, lectures: Path) -> None:
    manifests = []
    for seed, title in ((1, "产羔季节护理"), (2, "草原防火")):
        folder = lectures / str(seed)
        manifests.append(lesson_manifest(site.store, folder, transcode(folder, seed=seed, duration_s=24), title=title))
    site.add_lessons(*manifests)
    site.publish()


@pytest.fixture
def site(tmp_path: Path, lectures: Path) -> Iterator[OfflineSite]:
    made = OfflineSite(tmp_path)
    fill(made, lectures)
    with made.running():
        yield made


@pytest.fixture
def page(browser: Browser, site: OfflineSite) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", base_url=site.address)
    page = context.new_page()
    page.on("console", lambda message: print("console:", message.text))
    page.on("pageerror", lambda error: print("error:", error))
    yield page
    context.close()


def open_package(page: Page, site: OfflineSite) -> None:
    page.goto(f"/packages/{site.package_id}/")
    page.wait_for_selector("#app[data-ready]")


def download(page: Page, site: OfflineSite, choice: str = "small") -> None:
    open_package(page, site)
    page.check(f"input[name=choice][value={choice}]")
    page.click("#download-button")


def wait_until_here(page: Page) -> None:
    page.wait_for_selector("#download[data-kind=here]", timeout=COMPLETE)


def video_of(site: OfflineSite, number: int = 0) -> str:
    return next(item.sha256 for item in site.lessons[number].items if item.profile == "h264-240")


def assert_no_verified_byte_twice(site: OfflineSite, sha256: str) -> None:
    """Every new request begins where verified bytes end: ranges only move forward, and what is sent again is at most
    what was on its way when a line broke."""
    asked = site.requests_for(sha256)
    starts = [request.start for request in asked]
    assert starts == sorted(starts)
    again = sum(request.sent for request in asked) - site.store.size(sha256)
    assert 0 <= again <= 12_000 * (len(asked) - 1), (again, starts)


def test_two_taps_bring_the_package_and_it_costs_what_it_said(page: Page, site: OfflineSite) -> None:
    page.goto("/packages/")
    page.wait_for_selector("#app[data-ready]")
    picture(page, "offline-list")
    page.click("text=曲麻莱冬春训")
    page.wait_for_selector("#app[data-ready=package]")
    said = page.inner_text("#download-button .cost")
    picture(page, "offline-package")
    page.click("#download-button")
    wait_until_here(page)
    picture(page, "offline-here")
    assert f"{site.sizes()['small'] / 1e6:.1f} MB" in said
    media = [request for request in site.log if request.path.startswith("/b/")]
    overhead = sum(request.sent for request in media) - site.sizes()["small"]
    assert 0 <= overhead < 8_000, "manifests and quiz only"
    expect(page.locator("#lessons [data-state=full]")).to_have_count(2)


def test_sound_of_all_lessons_comes_before_any_picture(page: Page, site: OfflineSite) -> None:
    download(page, site)
    wait_until_here(page)
    profile = {item.sha256: item for lesson in site.lessons for item in lesson.items}
    order = [profile[sha].kind for r in site.log if (sha := r.path[-64:]) in profile and r.sent]
    assert set(order[order.index("video") :]) == {"video"}
    assert {item.profile for sha, item in profile.items() if site.requests_for(sha)} >= {"opus-16", "h264-240"}
    assert not any(site.requests_for(sha) for sha, item in profile.items() if item.profile in ("aac-24", "h264-360"))


def test_sound_only_fetches_no_picture(page: Page, site: OfflineSite) -> None:
    download(page, site, "sound")
    wait_until_here(page)
    assert not site.requests_for(video_of(site))


def test_a_cut_line_is_resumed_by_itself_without_fetching_a_verified_byte_again(page: Page, site: OfflineSite) -> None:
    video = video_of(site)
    site.bytes_per_second = 100_000
    site.faults += [Fault(video, "cut", at=20_000), Fault(video, "cut", at=7_000), Fault(video, "cut", at=1)]
    download(page, site)
    wait_until_here(page)
    assert len(site.requests_for(video)) == 4
    assert_no_verified_byte_twice(site, video)


def test_the_network_goes_away_and_comes_back(page: Page, site: OfflineSite) -> None:
    site.bytes_per_second = 60_000
    download(page, site)
    page.wait_for_selector("#download[data-kind=downloading]")
    until(page, "document.querySelector('#download progress').value > 150")
    site.stop()
    page.context.set_offline(True)
    page.wait_for_selector("#download[data-kind=waiting]", timeout=COMPLETE)
    expect(page.locator("#download")).to_contain_text("信号断了")
    picture(page, "offline-waiting")
    site.bytes_per_second = 0
    site.start()
    page.context.set_offline(False)
    wait_until_here(page)


def test_a_closed_page_goes_on_where_it_was(page: Page, site: OfflineSite) -> None:
    video = video_of(site)
    site.bytes_per_second = 20_000
    download(page, site)
    deadline = time.monotonic() + 60
    while not (held := sum(request.sent for request in site.requests_for(video))) and time.monotonic() < deadline:
        page.wait_for_timeout(100)  # Sound and slides come first.
    page.close(run_before_unload=False)
    site.bytes_per_second = 0
    again = page.context.new_page()
    again.goto("/packages/")
    again.wait_for_selector("text=在手机上", timeout=COMPLETE)
    sent = sum(request.sent for request in site.requests_for(video))
    assert held > 0
    assert sent < site.store.size(video) + 40_000, "at most the piece under way was fetched again"


def test_wrong_bytes_a_portal_and_a_server_without_ranges_leave_no_trace(page: Page, site: OfflineSite) -> None:
    video = video_of(site)
    site.faults += [
        Fault(video, "flip", at=30_000),
        Fault(video, "whole"),
        Fault(video_of(site, 1), "portal"),
        Fault("/tuf/metadata/timestamp.json", "portal"),
        Fault("/pkg/", "flip", at=10),
    ]
    download(page, site)
    page.wait_for_selector("#download[data-kind=stopped]", timeout=COMPLETE)
    expect(page.locator("#download .notice")).to_contain_text("签名")
    expect(page.locator("#download .notice [lang=en]").first).to_contain_text("does not fit its signature")
    picture(page, "offline-refused")
    page.click("text=再试一次")
    wait_until_here(page)
    for number in (0, 1):
        sha256 = video_of(site, number)
        stored = page.evaluate(HASH_IN_OPFS, sha256)
        assert stored == sha256


HASH_IN_OPFS = """async (sha) => {
  const root = await navigator.storage.getDirectory();
  const shelf = await (await root.getDirectoryHandle('objects')).getDirectoryHandle(sha.slice(0, 2));
  const file = await (await shelf.getFileHandle(sha)).getFile();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}"""


def test_pause_holds_still_and_goes_on_when_asked(page: Page, site: OfflineSite) -> None:
    site.bytes_per_second = 40_000
    download(page, site)
    page.wait_for_selector("#download[data-kind=downloading]")
    page.click("#download >> text=暂停")
    page.wait_for_selector("#download[data-kind=paused]")
    page.wait_for_timeout(500)
    asked = len(site.log)
    page.wait_for_timeout(700)
    assert len(site.log) == asked
    picture(page, "offline-paused")
    site.bytes_per_second = 0
    page.click("text=接着下载")
    wait_until_here(page)


def test_giving_up_a_download_frees_its_space(page: Page, site: OfflineSite) -> None:
    site.bytes_per_second = 40_000
    download(page, site)
    page.wait_for_selector("#download[data-kind=downloading]")
    page.click("#download >> text=不要了")
    page.click("#download button:has-text('确定')")
    page.wait_for_selector("#download-button")
    until(page, f"async () => (await ({FILES})()) === ''")


FILES = """async () => {
  const names = [];
  const root = await navigator.storage.getDirectory();
  for await (const shelf of (await root.getDirectoryHandle('objects')).values()) {
    for await (const name of shelf.keys()) names.push(name);
  }
  return names.join(' ');
}"""


def test_two_tabs_have_one_downloader(page: Page, site: OfflineSite) -> None:
    site.bytes_per_second = 60_000
    other = page.context.new_page()
    download(page, site)
    open_package(other, site)
    other.wait_for_selector("#download[data-kind=downloading]")
    wait_until_here(page)
    other.wait_for_selector("#download[data-kind=here]")
    assert_no_verified_byte_twice(site, video_of(site))


def test_without_a_network_the_reloaded_page_plays_with_sound_and_picture(page: Page, site: OfflineSite) -> None:
    download(page, site)
    wait_until_here(page)
    until(page, "navigator.serviceWorker.controller !== null")
    site.stop()
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#app[data-ready=package]")
    page.click("#lessons a >> nth=0")
    page.wait_for_selector("lesson-player button")
    picture(page, "offline-lesson")
    page.click("lesson-player >> text=看画面")
    until(page, "document.querySelector('lesson-player video').currentTime > 1")
    decoded = page.evaluate(
        "() => { const v = document.querySelector('lesson-player video');"
        " return [v.videoWidth, v.webkitAudioDecodedByteCount, v.error && v.error.message]; }"
    )
    assert decoded[0] == 426
    assert decoded[1] > 0
    page.evaluate("document.querySelector('lesson-player video').currentTime = 18")
    until(page, "document.querySelector('lesson-player video').currentTime > 18.5")
    picture(page, "offline-playing")
    expect(page.locator("text=先备干草和热水")).to_be_visible()


@pytest.mark.parametrize("choice", ["sound", "clear"])
def test_without_a_network_the_slides_of_a_lecture_change_with_its_sound(
    page: Page, site: OfflineSite, choice: str
) -> None:
    download(page, site, choice)
    wait_until_here(page)
    until(page, "navigator.serviceWorker.controller !== null")
    site.stop()
    page.context.set_offline(True)
    page.goto(f"/packages/{site.package_id}/lessons/{site.lessons[0].material}/")
    button = page.locator("lesson-player button", has_text="看幻灯片")
    expect(button).to_contain_text("不用流量")
    button.click()
    seen = set()
    for number in (0, 1, 2):
        page.evaluate(f"document.querySelector('lesson-player audio').currentTime = {SLIDES_FROM_S[number] + 0.2}")
        expect(page.get_by_role("img", name=f"第 {number + 1} 张幻灯片，共 {len(SLIDES_FROM_S)} 张")).to_be_visible()
        seen.add(page.evaluate(SLIDE_SHOWN))
    picture(page, f"offline-slides-{choice}")
    assert len(seen) == 3 and None not in seen
    assert page.evaluate("document.querySelector('lesson-player audio').webkitAudioDecodedByteCount") > 0
    assert ("av1-360" in {item.profile for item in site.lessons[0].items if site.requests_for(item.sha256)}) == (
        choice == "clear" and site.sizes()["clear-av1"] < site.sizes()["clear"]
    )


SLIDE_SHOWN = """async () => {
  const image = document.querySelector('.player__slide');
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  canvas.getContext('2d').drawImage(image, 0, 0);
  const bytes = await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer();
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].join();
}"""


def test_a_package_is_not_called_here_before_the_page_that_opens_it_is_here_too(page: Page, site: OfflineSite) -> None:
    """The line breaks whenever the service worker is installed; the browser gives up, the page does not."""
    broken = Fault(r"^/packages/shell/", "cut", times=1_000_000)
    site.faults.append(broken)
    download(page, site, "sound")
    page.wait_for_selector("#download[data-kind=shell]", timeout=COMPLETE)
    expect(page.locator("#download")).to_contain_text("请先别关这一页")
    picture(page, "offline-without-shell")
    site.faults.remove(broken)
    wait_until_here(page)
    site.stop()
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#app[data-ready=package]")


AXE = (settings.BASE_DIR / "web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
FINDINGS = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}))
  .violations.map((finding) => finding.id + ': ' + finding.nodes.map((node) => node.target).join(' '))"""
WIDER = "document.scrollingElement.scrollWidth - innerWidth"


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(360, 640, "light"), (360, 640, "dark"), (412, 915, "light"), (1280, 800, "dark")]
)
def test_pages_fit_every_screen_in_both_languages_and_axe_finds_nothing(
    browser: Browser, site: OfflineSite, width: int, height: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, base_url=site.address, bypass_csp=True
    )
    page = context.new_page()
    package = f"/packages/{site.package_id}/"
    addresses = {"list": "/packages/", "package": package, "quiz": f"{package}quiz/{site.quiz['quiz']}/"}
    for prefix, language in (("", "zh"), ("/bo", "bo")):
        for name, address in addresses.items():
            page.goto(prefix + address)
            page.wait_for_selector("#app[data-ready]")
            picture(page, f"offline-{name}-{language}-{width}-{scheme}")
            assert page.evaluate(WIDER) <= 0, address
            page.evaluate(AXE)
            assert page.evaluate(FINDINGS) == [], prefix + address
    context.close()


def test_a_page_that_needs_the_network_says_what_is_here(page: Page, site: OfflineSite) -> None:
    download(page, site, "sound")
    wait_until_here(page)
    until(page, "navigator.serviceWorker.controller !== null")
    site.stop()
    page.context.set_offline(True)
    page.goto("/courses/anything/")
    page.wait_for_selector("#app[data-ready=other]")
    expect(page.locator("h1")).to_have_text("现在没有网络")
    expect(page.locator("text=产羔季节护理")).to_be_visible()
    picture(page, "offline-offline")
    page.goto("/bo/packages/")
    page.wait_for_selector("#app[data-ready=list]")
    assert page.get_attribute("html", "lang") == "bo"


def test_the_quiz_is_answered_offline_and_its_record_arrives_exactly_once(page: Page, site: OfflineSite) -> None:
    site.signed_in = True
    download(page, site, "sound")
    wait_until_here(page)
    until(page, "navigator.serviceWorker.controller !== null")
    site.stop()
    page.context.set_offline(True)
    page.goto(f"/packages/{site.package_id}/quiz/{site.quiz['quiz']}/")
    picture(page, "offline-quiz")
    for number in range(3):
        page.click(f".answer[data-key={'a' if number else 'b'}]")
        if not number:
            picture(page, "offline-quiz-answered")
        page.click("#next")
    page.wait_for_selector("#quiz[data-finished]")
    expect(page.locator("#records")).to_contain_text("等待发送 1 条")
    picture(page, "offline-quiz-finished")
    site.lose_answers = 1
    site.start()
    page.context.set_offline(False)
    page.wait_for_selector("#records[data-waiting='0'][data-confirmed='1']", timeout=COMPLETE)
    assert len(site.bundles) == 2, "the first acknowledgement was lost on the way"
    (statement,) = site.statements()
    assert statement["verb"]["id"].endswith("/answered")
    questions = [question["id"] for question in site.quiz["questions"]]
    assert statement["result"]["response"] == dict(zip(questions, "baa", strict=True))


def test_why_records_were_not_taken_and_which_were_put_aside_is_said_in_two_languages(
    page: Page, site: OfflineSite
) -> None:
    site.signed_in, site.refusal = True, DeviceRevoked()
    page.goto(f"/bo/packages/{site.package_id}/quiz/{site.quiz['quiz']}/")
    for _question in range(3):
        page.click(".answer[data-key='a']")
        page.click("#next")
    refused = page.locator("#records .notice--error")
    expect(refused.locator("p[lang=bo]")).to_contain_text("ཏང་ཙུའུའི་ཧྲུའུ་ཅི་ལ་བསྐྱར་དུ་ཐོ་འགོད་རོགས་ཞུས།")
    expect(refused.locator("p[lang=en]")).to_contain_text("This phone was revoked")
    site.refusal, site.in_review = None, 1
    page.goto("/packages/")
    page.wait_for_selector("#records[data-waiting='0'][data-confirmed='1']", timeout=COMPLETE)
    expect(page.locator("#records")).to_contain_text("其中 1 条服务器先放在一边，等管理员核对，没有丢，您不用做什么。")
    expect(page.locator("#records [lang=en]")).to_contain_text("The server set 1 of them aside")


def test_what_was_learned_before_signing_in_counts_afterwards(page: Page, site: OfflineSite) -> None:
    download(page, site, "sound")
    wait_until_here(page)
    page.click("#lessons a >> nth=0")
    page.click("lesson-player >> text=听声音")
    page.evaluate("document.querySelector('lesson-player audio').playbackRate = 2")
    page.wait_for_selector("#records[data-waiting='2']", timeout=COMPLETE)
    expect(page.locator("#records")).to_contain_text("登录以后才能计入学时")
    picture(page, "offline-not-signed-in")
    assert not site.bundles
    site.signed_in = True
    page.reload()
    page.wait_for_selector("#records[data-confirmed='2']", timeout=COMPLETE)
    verbs = [statement["verb"]["id"].rsplit("/", 1)[1] for statement in site.statements()]
    assert verbs == ["initialized", "completed"]
    assert site.statements()[1]["object"]["id"] == f"urn:uuid:{site.lessons[0].material}"


def test_a_new_version_replaces_the_old_one_and_fetches_only_what_changed(page: Page, site: OfflineSite) -> None:
    download(page, site)
    wait_until_here(page)
    first, _removed = site.lessons
    site.add_lessons(first)
    site.publish(version=2)
    site.log.clear()
    open_package(page, site)
    page.wait_for_selector("#download[data-kind=newer]")
    page.click("text=有新版本，更新")
    wait_until_here(page)
    assert not [request for request in site.log if request.path.startswith("/b/")]
    expect(page.locator("#lessons .list__item")).to_have_count(1)
    shutil.rmtree(site.folder / "public" / "b")


def test_expired_signatures_are_refused_in_words_and_nothing_is_stored(
    browser: Browser, tmp_path: Path, lectures: Path
) -> None:
    site = OfflineSite(tmp_path, signing_clock=lambda: datetime.now(UTC) - timedelta(days=30))
    fill(site, lectures)
    with site.running():
        page = browser.new_context(viewport=PHONE, base_url=site.address).new_page()
        download(page, site)
        page.wait_for_selector("#download[data-kind=stopped]", timeout=COMPLETE)
        expect(page.locator("#download")).to_contain_text("签名已经过期")
        expect(page.locator("#download [lang=en]").first).to_contain_text("The signature of the server has expired")
        assert not [request for request in site.log if request.path.startswith("/b/")]
        page.context.close()


def test_a_package_is_taken_from_its_card_which_stays_under_the_thumb(page: Page, site: OfflineSite) -> None:
    page.goto("/packages/")
    page.wait_for_selector("#app[data-ready=list]")
    button = page.get_by_role("button", name="下载")
    expect(button).to_contain_text(f"{site.sizes()['small'] / 1e6:.1f} MB")
    expect(button).to_contain_text("分钟")
    page.evaluate("window.card = document.querySelector('[data-package]')")
    button.click()
    page.wait_for_selector("[data-package] >> text=在手机上", timeout=COMPLETE)
    expect(button).to_have_count(0)
    assert page.evaluate("card.isConnected")
    page.locator("[data-package]").get_by_role("link", name="打开").click()
    page.wait_for_selector("#app[data-ready=package]")
    page.locator("#lessons a").first.click()
    play = page.locator(".player__start .button--primary")
    expect(play).to_contain_text("在手机上，不用流量")
    assert "MB" not in play.inner_text()


def test_a_package_on_its_way_shows_its_bar_and_waits_and_goes_on_from_its_card(page: Page, site: OfflineSite) -> None:
    page.goto("/packages/")
    page.wait_for_selector("#app[data-ready=list]")
    page.context.set_offline(True)
    page.get_by_role("button", name="下载").click()
    card = page.locator("[data-package]")
    expect(card.get_by_role("progressbar")).to_be_visible()
    card.get_by_role("button", name="暂停").click()
    page.context.set_offline(False)
    card.get_by_role("button", name="接着下载").click()
    expect(card.get_by_role("link", name="打开")).to_be_visible(timeout=COMPLETE)


def test_lessons_on_the_phone_stand_in_the_packages_order_and_one_leads_to_the_next(
    page: Page, site: OfflineSite
) -> None:
    first, second = site.lessons
    site.add_lessons(second, first)
    site.publish(version=2)
    download(page, site, "sound")
    wait_until_here(page)
    until(page, "navigator.serviceWorker.controller !== null")
    site.stop()
    page.context.set_offline(True)
    page.goto("/courses/anything/")
    page.wait_for_selector("#app[data-ready=other]")
    assert page.locator("#app .list__title").all_inner_texts() == [second.title, first.title]
    page.click(f"text={second.title}")
    page.wait_for_selector("lesson-player .player")
    assert page.evaluate("document.querySelector('lesson-player').data.next.title") == first.title
    page.goto(f"/packages/{site.package_id}/lessons/{first.material}/")
    page.wait_for_selector("lesson-player .player")
    assert page.evaluate("document.querySelector('lesson-player').data.next.label") == "看图答题"


def test_a_list_without_packages_says_why_instead_of_nothing(page: Page, site: OfflineSite) -> None:
    html = site.pages["/packages/"].decode()
    start = html.index('id="packages-data"')
    begin, end = html.index(">", start) + 1, html.index("</script>", start)
    site.pages["/packages/"] = f"{html[:begin]}[]{html[end:]}".encode()
    page.goto("/packages/")
    page.wait_for_selector("#app[data-ready=list]")
    expect(page.locator("#packages")).to_contain_text("现在还没有资源包")


def test_a_question_and_the_words_of_its_answers_stand_in_one_view_and_stay_there_when_answered(
    page: Page, site: OfflineSite
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"/packages/{site.package_id}/quiz/{site.quiz['quiz']}/")
    page.wait_for_selector("#quiz .answer")

    def in_view(selector: str) -> bool:
        box, places = page.locator(selector).bounding_box(), page.locator("nav.places").bounding_box()
        assert box
        assert places
        return box["y"] >= 0 and box["y"] + box["height"] <= places["y"]

    assert in_view("#quiz h2")
    for answer in range(page.locator("#quiz .answer").count()):
        assert in_view(f"#quiz .answer >> nth={answer}")
    before = page.locator("#quiz h2").bounding_box()
    page.locator("#quiz .answer").last.click()
    assert page.locator("#quiz h2").bounding_box() == before
    assert in_view("#next")
    assert page.evaluate("scrollY") == 0
