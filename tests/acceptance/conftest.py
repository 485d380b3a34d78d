"""The site that the pages' tests visit, and a browser before it; modules with a stage of their own override them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import DjangoDbBlocker

from tests.acceptance.browser import chromium
from tests.acceptance.editor_stage import DESK, PASSWORD, sign_in
from tests.acceptance.player_stage import Stage, player_stage
from tests.acceptance.site_stage import Site, site_stage
from tests.factories import cms as make
from tests.services.web_server import WebServer
from tests.throttling_proxy import ThrottlingProxy


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Site]:
    """A running site with something of everything, gone with the module."""
    from tests.conftest import _restore_baseline

    with django_db_blocker.unblock():
        try:
            with site_stage(tmp_path_factory.mktemp("site")) as running:
                yield running
        finally:
            _restore_baseline()


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    """Chromium, started once the site answers."""
    with chromium() as running:
        yield running


@pytest.fixture
def editor(transactional_db: None, settings, tmp_path: Path) -> str:
    """An editor's user name; what is uploaded stays in the test's folder."""
    settings.WORK_DIR = tmp_path / "work"
    settings.MEDIA_ROOT = tmp_path / "media"
    made = make.make_editor()
    made.set_password(PASSWORD)
    made.save()
    return str(made.get_username())


@pytest.fixture
def link(web_server: WebServer) -> Iterator[ThrottlingProxy]:
    with ThrottlingProxy("127.0.0.1", web_server.port, kbit_s=1_000_000) as proxy:
        yield proxy


@pytest.fixture
def desk(browser: Browser, link: ThrottlingProxy, editor: str) -> Iterator[BrowserContext]:
    """A signed-in PC."""
    context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=link.url)
    context.set_default_timeout(60_000)
    sign_in(context.new_page(), editor)
    yield context
    context.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One transcoded lecture and pages that hold only its player, for all modules that test the player."""
    with player_stage(tmp_path_factory.mktemp("player")) as running:
        yield running


@pytest.fixture
def phone_page(browser: Browser) -> Iterator[Page]:
    """A page of a small phone."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN")
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    yield opened
    context.close()
