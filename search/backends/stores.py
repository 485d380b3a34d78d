"""Where the embedded index lies: inside the main SQLite database, or in an SQLite file of its own.

Inside, an index write belongs to the same transaction as the publishing. The file serves a main database that
is not SQLite; `search.outbox` feeds it.
"""

from __future__ import annotations

import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections, transaction

Row = tuple[Any, ...]
BUSY_TIMEOUT_S = 20.0


class Store(ABC):
    """An SQLite database that takes `?` parameters."""

    @abstractmethod
    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return its rows."""

    @abstractmethod
    def atomic(self) -> Any:
        """A context in which all statements succeed or none."""


class DatabaseStore(Store):
    """The main database, when it is SQLite; statements are counted and rolled back like any other."""

    def __init__(self, alias: str = "default") -> None:
        self.alias = alias

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(sql.replace("%", "%%").replace("?", "%s"), list(parameters))
            return cursor.fetchall() if cursor.description else []

    def atomic(self) -> Any:
        return transaction.atomic(using=self.alias)


class FileStore(Store):
    """An SQLite file next to the process, one connection a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return connection

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._connection().execute(sql, tuple(parameters)).fetchall()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        connection = self._connection()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
