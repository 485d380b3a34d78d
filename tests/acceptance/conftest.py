"""The site that the pages' tests visit, and a browser before it; modules with a stage of their own override them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from tests.acceptance.browser import chromium
from tests.acceptance.site_stage import Site, site_stage


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
