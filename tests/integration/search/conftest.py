"""One behaviour suite for every engine: the tests here take `engine` and run once for each of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.backends.base import IndexEntry, SearchBackend, SegmentEntry
from search.backends.elastic import ElasticBackend
from search.backends.elastic_client import connect
from search.backends.embedded import EmbeddedBackend
from search.backends.stores import DatabaseStore, FileStore

IN_DATABASE, IN_FILE, ELASTICSEARCH = "in the main database", "in a file of its own", "Elasticsearch"


@pytest.fixture(scope="session")
def elastic(elasticsearch_url: str) -> Iterator[ElasticBackend]:
    """Elasticsearch, with indices that nobody else uses."""
    backend = ElasticBackend(connect([elasticsearch_url]), f"test-{uuid.uuid4().hex[:12]}", immediate=True)
    yield backend
    backend.indices.remove_all()


# Elasticsearch needs no database, so one run of the suite is enough.
@pytest.fixture(
    params=[
        pytest.param(IN_DATABASE, marks=pytest.mark.sqlite),
        pytest.param(ELASTICSEARCH, marks=pytest.mark.sqlite),
        IN_FILE,
    ]
)
def standing_engine(request: pytest.FixtureRequest, tmp_path: Path) -> SearchBackend:
    """An engine with whatever is in it, for tests that do not look at that."""
    backend: SearchBackend
    if request.param == ELASTICSEARCH:
        backend = request.getfixturevalue("elastic")
    elif request.param == IN_DATABASE:
        request.getfixturevalue("db")
        backend = EmbeddedBackend(DatabaseStore())
    else:
        backend = EmbeddedBackend(FileStore(tmp_path / "search.sqlite3"))
    backend.prepare()
    return backend


@pytest.fixture
def engine(standing_engine: SearchBackend) -> SearchBackend:
    """An empty engine."""
    standing_engine.clear()
    return standing_engine


def entry(document_id: int, title: str = "", **given: object) -> IndexEntry:
    """A public document with the given texts; `said` are its segments."""
    said = given.pop("said", ())
    segments = tuple(SegmentEntry(document_id * 1000 + n, text) for n, text in enumerate(said))  # type: ignore[arg-type]
    values = {"version": 1, "access_tokens": ("public",), "summary": "", "body": "", "teachers": "", **given}
    return IndexEntry(document_id=document_id, title=title, segments=segments, **values)  # type: ignore[arg-type]
