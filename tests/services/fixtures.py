"""Fixtures that start real services for the tests that ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.services.web_server import WebServer, serve


@pytest.fixture
def web_server(transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[WebServer]:
    """The whole web process over the test's database, with a public tree and uploads of its own."""
    from django.core.asgi import get_asgi_application

    from config.serving import assemble

    settings.PUBLIC_TREE_DIR = tmp_path / "public"
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(uploads)
    with serve(assemble(get_asgi_application())) as server:
        yield server
