"""Which engine this process uses, and where its index lies (docs/adr/0003)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connections

from search.backends.base import SearchBackend
from search.backends.embedded import EmbeddedBackend
from search.backends.replica import ReplicaBackend
from search.backends.stores import DatabaseStore, FileStore

FILE_NAME = "search.sqlite3"


def main_database_holds_index() -> bool:
    """Whether the index lies in the main database; `SEARCH_INDEX_IN_FILE = True` keeps it out."""
    return connections["default"].vendor == "sqlite" and not getattr(settings, "SEARCH_INDEX_IN_FILE", False)


@lru_cache(maxsize=8)
def _backend(in_database: bool, path: Path) -> SearchBackend:
    return EmbeddedBackend(DatabaseStore()) if in_database else ReplicaBackend(FileStore(path))


def current_backend() -> SearchBackend:
    """The engine that the settings name."""
    return _backend(main_database_holds_index(), Path(settings.STATE_DIR) / FILE_NAME)
