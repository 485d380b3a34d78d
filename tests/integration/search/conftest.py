"""One behaviour suite for every engine: the tests here take `engine` and run once for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.backends.base import IndexEntry, SearchBackend, SegmentEntry
from search.backends.embedded import EmbeddedBackend
from search.backends.stores import DatabaseStore, FileStore


@pytest.fixture(params=[pytest.param("in the main database", marks=pytest.mark.sqlite), "in a file of its own"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchBackend]:
    """An empty engine."""
    in_database = request.param == "in the main database"
    if in_database:
        request.getfixturevalue("db")
    backend = EmbeddedBackend(DatabaseStore() if in_database else FileStore(tmp_path / "search.sqlite3"))
    backend.prepare()
    backend.clear()
    yield backend


def entry(document_id: int, title: str = "", **given: object) -> IndexEntry:
    """A public document with the given texts; `said` are its segments."""
    said = given.pop("said", ())
    segments = tuple(SegmentEntry(document_id * 1000 + n, text) for n, text in enumerate(said))  # type: ignore[arg-type]
    values = {"version": 1, "access_tokens": ("public",), "summary": "", "body": "", "teachers": "", **given}
    return IndexEntry(document_id=document_id, title=title, segments=segments, **values)  # type: ignore[arg-type]
