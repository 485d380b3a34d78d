"""Asking the database which generation of the content is the present one."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async

from config.page_cache.services import GENERATION_ROW

logger = logging.getLogger(__name__)

GenerationSource = Callable[[], Awaitable[int | None]]
"""Gives the present generation, or None when it can't be known (then nothing is cached)."""

_QUERY = "SELECT number FROM page_cache_pagegeneration WHERE id = ?"


class SqliteGeneration:
    """Reads the row through a connection of its own: 20 µs, and readers never wait for SQLite's writer."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None

    async def __call__(self) -> int | None:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"{self._database.absolute().as_uri()}?mode=ro", uri=True, timeout=0.05, check_same_thread=False
                )
            row = self._connection.execute(_QUERY, (GENERATION_ROW,)).fetchone()
        except sqlite3.Error as error:
            logger.warning("page cache off: %s", error)
            self._connection = None
            return None
        return row[0] if row else 0


async def database_generation() -> int | None:
    """Reads the row through Django's connection, in a thread (PostgreSQL)."""
    return await sync_to_async(_read, thread_sensitive=False)()


def _read() -> int | None:
    from django.db import DatabaseError, close_old_connections

    from config.page_cache.models import PageGeneration

    try:
        close_old_connections()
        return PageGeneration.objects.filter(pk=GENERATION_ROW).values_list("number", flat=True).first() or 0
    except DatabaseError as error:
        logger.warning("page cache off: %s", error)
        return None
    finally:
        close_old_connections()


def source_for_settings() -> GenerationSource:
    """The source that fits the configured database."""
    from django.conf import settings

    database: dict[str, Any] = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return SqliteGeneration(Path(database["NAME"]))
    return database_generation
