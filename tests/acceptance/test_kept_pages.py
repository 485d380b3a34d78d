"""Pages and search without a network, what goes when somebody signs out, and the card that a secretary prints."""

from __future__ import annotations

import re

from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.acceptance.browser import picture, until
from tests.acceptance.site_stage import LONG_TITLE, Site
from tests.factories import people
from tests.throttling_proxy import ThrottlingProxy

PHONE: ViewportSize = {"width": 360, "height": 640}
KEPT = "async () => (await (await caches.open('gyxf-pages')).keys()).map((each) => new URL(each.url).pathname)"


def signed_in(browser: Browser, address: str, user: AbstractBaseUser) -> BrowserContext:
    """A phone on which that person is signed in."""
    client = Client()
    client.force_login(user)
    context = browser.new_context(viewport=PHONE, locale="zh-CN", base_url=address)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
    return context


def kept(page: Page, *paths: str) -> None:
    """Wait until these pages are kept."""
    until(page, f"async () => {{ const all = await ({KEPT})(); return {list(paths)}.every((p) => all.includes(p)); }}")


def visit(page: Page) -> None:
    page.goto("/packages/")
    until(page, "navigator.serviceWorker.controller !== null")
    for address in ("/", "/me/"):
        page.goto(address)
    kept(page, "/", "/me/")


def test_today_and_mine_stand_without_a_network_and_say_of_which_time(site: Site, browser: Browser) -> None:
    person = people.member(name="卓玛")
    with ThrottlingProxy("127.0.0.1", site.server.port, kbit_s=20_000) as link:
        context = signed_in(browser, link.url, person.user)
        page = context.new_page()
        visit(page)
    context.set_offline(True)
    page.goto("/me/")
    expect(page.locator("h1")).to_have_text("卓玛")
    notice = page.locator("[data-network-notice]")
    expect(notice).to_contain_text(re.compile(r"这一页截至 20\d\d-\d\d-\d\d \d\d:\d\d"))
    assert page.evaluate("getComputedStyle(document.querySelector('.places')).position") == "fixed", "styles are kept"
    picture(page, "kept-me")
    page.get_by_role("link", name="今天").click()
    expect(page.locator("h1")).to_have_text("今天学什么")
    expect(notice).to_contain_text("这一页截至")
    picture(page, "kept-today")
    context.close()


def test_whoever_loses_the_signal_soon_after_the_first_page_still_has_it_and_the_five_places(
    site: Site, browser: Browser
) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", base_url=site.server.url)
    page = context.new_page()
    page.goto("/")
    kept(page, "/", "/courses/")
    context.set_offline(True)
    headings = {"今天": "今天学什么", "课程": "课程", "资源包": "资源包", "找": "找", "我的": "现在没有网络"}
    for place, heading in headings.items():
        page.locator("nav.places").get_by_role("link", name=place, exact=True).click()
        expect(page.locator("h1")).to_have_text(heading)
        assert page.locator(".notice:visible", has_text="没有网络").count() <= 1
    context.close()


def test_what_was_read_opens_and_is_found_without_a_network(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", base_url=site.server.url)
    page = context.new_page()
    page.goto("/packages/")
    until(page, "navigator.serviceWorker.controller !== null")
    page.goto(site.pages["lesson"])
    kept(page, site.pages["lesson"])
    context.set_offline(True)
    page.goto("/search/")
    page.get_by_role("searchbox").fill("从金银滩讲起")
    page.get_by_role("button", name="找").click()
    found = page.locator("#on-phone")
    expect(found).to_contain_text("找到 1 条")
    picture(page, "search-on-phone")
    found.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(LONG_TITLE)
    expect(page.locator("[data-network-notice]")).to_contain_text("这一页截至")
    page.goto("/search/?q=%E6%B2%A1%E6%9C%89%E7%9A%84%E8%AF%9D")
    expect(found).to_contain_text("手机上没有找到")
    context.close()


def test_what_is_kept_of_a_person_goes_at_sign_out(site: Site, browser: Browser) -> None:
    context = signed_in(browser, site.server.url, people.member(name="才让").user)
    page = context.new_page()
    visit(page)
    page.get_by_role("button", name="退出登录").click()
    page.goto("/courses/")
    assert "才让" not in page.evaluate(
        "async () => (await Promise.all((await (await caches.open('gyxf-pages')).matchAll())"
        ".map((each) => each.text()))).join()"
    )
    context.close()


def test_an_activation_card_has_its_print_button_and_fits_one_page_in_two_languages(
    site: Site, browser: Browser
) -> None:
    branch = people.organisation(name="曲麻河乡多秀村党支部")
    people.member(branch=branch, name="卓玛", signed_in=False)
    context = signed_in(browser, site.server.url, people.secretary(branch))
    page = context.new_page()
    page.goto(f"/branch/{branch.code}/")
    with context.expect_page() as opened:
        page.get_by_role("button", name="给勾选的人打印激活卡").click()
    card = opened.value
    card.evaluate("window.print = () => { window.printed = true; }")
    card.get_by_role("button", name="打印").click()
    assert card.evaluate("window.printed") is True
    assert card.locator("article [lang=bo] li").count() == card.locator("article [lang=zh-Hans] li").count() == 3
    picture(card, "card")
    sheets = re.findall(rb"/Type\s*/Page\b", card.pdf(prefer_css_page_size=True))
    assert len(sheets) == 1
    context.close()
