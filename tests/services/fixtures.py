"""Fixtures that start real services for the tests that ask for them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pytest_django import Settings

from tests.services.elasticsearch import shared_search_node
from tests.services.postgres import Postgres, postgres
from tests.services.redis_server import redis_server
from tests.services.s3 import S3, s3_store
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
    with patch.object(tempfile, "tempdir", tempfile.tempdir), serve(assemble(get_asgi_application())) as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real S3 store with an empty bucket."""
    with s3_store(tmp_path_factory.mktemp("s3")) as store:
        yield store


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Elasticsearch, shared with everything else that runs: use indices with a prefix of your own."""
    with shared_search_node(tmp_path_factory.mktemp("elasticsearch")) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Postgres]:
    """A real PostgreSQL cluster, also when the suite itself runs on SQLite."""
    with postgres() as cluster:
        yield cluster
