"""Which engine this process uses, and where its index lies (docs/adr/0003, 0015)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connections

from search.backends.base import SearchBackend
from search.backends.embedded import EmbeddedBackend
from search.backends.replica import ReplicaBackend
from search.backends.stores import DatabaseStore, FileStore, Store

if TYPE_CHECKING:
    from search.backends.elastic import ElasticBackend

FILE_NAME = "search.sqlite3"
EMBEDDED, ELASTICSEARCH = "embedded", "elasticsearch"


def main_database_holds_index() -> bool:
    """Whether the index lies in the main database; `SEARCH_INDEX_IN_FILE = True` keeps it out."""
    return connections["default"].vendor == "sqlite" and not getattr(settings, "SEARCH_INDEX_IN_FILE", False)


def uses_elasticsearch() -> bool:
    """Whether the settings name a cluster, so that every change is kept until it has it."""
    return bool(settings.ELASTICSEARCH_URLS)


def uses_outbox() -> bool:
    """Whether any index lies outside of the main database."""
    return uses_elasticsearch() or not main_database_holds_index()


@lru_cache(maxsize=8)
def _embedded(in_database: bool, path: Path) -> EmbeddedBackend | ReplicaBackend:
    return EmbeddedBackend(DatabaseStore()) if in_database else ReplicaBackend(FileStore(path))


def embedded_backend() -> EmbeddedBackend | ReplicaBackend:
    """FTS5, in the main database or in a file of this machine; it also stands in for Elasticsearch."""
    return _embedded(main_database_holds_index(), Path(settings.STATE_DIR) / FILE_NAME)


@lru_cache(maxsize=8)
def _elastic(urls: tuple[str, ...], user: str, password: str, authority: str, prefix: str) -> ElasticBackend:
    # The client is large, and most sites have no cluster.
    from search.backends.elastic import ElasticBackend
    from search.backends.elastic_client import connect

    return ElasticBackend(connect(list(urls), user=user, password=password, authority=authority), prefix)


def elastic_backend() -> ElasticBackend:
    """The cluster that the settings name."""
    return _elastic(
        tuple(settings.ELASTICSEARCH_URLS),
        settings.ELASTICSEARCH_USER,
        settings.ELASTICSEARCH_PASSWORD,
        settings.ELASTICSEARCH_CA,
        settings.ELASTICSEARCH_PREFIX,
    )


def backends(name: str | None = None) -> tuple[SearchBackend, ...]:
    """Every engine that must hold what the documents say, or the one of that name.

    Raises:
        KeyError: the settings name no such engine.
    """
    if name is not None:
        return (all_backends()[name],)
    return tuple(all_backends().values())


def all_backends() -> dict[str, SearchBackend]:
    """The engines of this site by their names, the one that searches go to first."""
    embedded: dict[str, SearchBackend] = {EMBEDDED: embedded_backend()}
    return {ELASTICSEARCH: elastic_backend(), **embedded} if uses_elasticsearch() else embedded


_only: ContextVar[SearchBackend | None] = ContextVar("search.engine.only", default=None)


@contextmanager
def only(backend: SearchBackend) -> Iterator[None]:
    """Let all searches of this context be answered by one engine, without one that stands in."""
    token = _only.set(backend)
    try:
        yield
    finally:
        _only.reset(token)


@lru_cache(maxsize=8)
def _failover(elastic: ElasticBackend, embedded: SearchBackend) -> SearchBackend:
    from search.backends.elastic_failover import FailoverBackend

    return FailoverBackend(elastic, embedded)


def current_backend() -> SearchBackend:
    """The engine that answers searches; the embedded one stands in for a cluster that does not."""
    if only_one := _only.get():
        return only_one
    return _failover(elastic_backend(), embedded_backend()) if uses_elasticsearch() else embedded_backend()


def side_store() -> Store:
    """The embedded engine's tables on this machine, up to date: suggestions are looked up there with any engine."""
    backend = embedded_backend()
    return backend.current_store() if isinstance(backend, ReplicaBackend) else backend.store
