"""What every test stands on: a private state folder, a reused database, a clean cache.

Each pytest process (each xdist worker) has its own STATE_DIR (config/settings/test.py). The migrated database is
kept as a baseline file named after the migrations' fingerprint, so that only the first process pays for migrating, and
a test that really commits (`transaction=True`, `live_server`) leaves the baseline behind it again.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests import calm

pytest_plugins = ["tests.services.fixtures"]

_DATABASE_USED = pytest.StashKey[DjangoDbBlocker]()


def pytest_configure() -> None:
    """Leave emptying the database after a committing test to `_restore_baseline`.

    Django's own flush sends `post_migrate` to receivers that stand on rows the flush has just deleted.
    """
    TransactionTestCase._fixture_teardown = lambda self: None  # type: ignore[method-assign]


@functools.cache
def _migrations_fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(settings.BASE_DIR.glob("*/**/migrations/*.py")):
        if ".venv" not in path.parts and "node_modules" not in path.parts:
            digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + path.read_bytes())
    digest.update((settings.BASE_DIR / "requirements.txt").read_bytes())
    return digest.hexdigest()[:16]


def _baseline_path() -> Path:
    return Path(os.environ["TEST_STATE_ROOT"]) / f"baseline-{_migrations_fingerprint()}.sqlite3"


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Keep the database when the migrations are those it was made from (`--create-db` makes it anew)."""
    if request.config.getvalue("create_db"):
        return False
    return bool(_baseline_path().exists()) if _is_sqlite() else bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_createdb(django_db_keepdb: bool) -> bool:
    """The opposite of keeping it."""
    return not django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, django_db_keepdb: bool
) -> Iterator[None]:
    """Lay the baseline in its place, let pytest-django migrate, keep the result as the baseline."""
    blocker: DjangoDbBlocker = request.getfixturevalue("django_db_blocker")
    name = Path(str(connection.settings_dict["TEST"]["NAME"] or connection.settings_dict["NAME"]))
    if _is_sqlite():
        _remove_database(name)
        if django_db_keepdb:
            shutil.copyfile(_baseline_path(), name)
    from django.test.utils import setup_databases, teardown_databases

    with blocker.unblock():
        config = setup_databases(verbosity=0, interactive=False, keepdb=django_db_keepdb, serialized_aliases=set())
        if not _is_sqlite():
            name, baseline = _postgres_names()
            _copy_postgres(name, baseline)
        elif not _baseline_path().exists():
            _save_baseline()
    request.config.stash[_DATABASE_USED] = blocker
    yield
    with blocker.unblock():
        if _is_sqlite():
            connection.close()
            _remove_database(name)
        else:
            _drop_postgres_baseline()
            teardown_databases(config, verbosity=0, keepdb=django_db_keepdb)


def _remove_database(name: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{name}{suffix}").unlink(missing_ok=True)


def _save_baseline() -> None:
    for old in _baseline_path().parent.glob("baseline-*.sqlite3"):
        old.unlink(missing_ok=True)
    connection.ensure_connection()
    partial = _baseline_path().with_suffix(f".{os.getpid()}")
    with sqlite3.connect(partial) as copy:
        connection.connection.backup(copy)
    copy.close()
    partial.rename(_baseline_path())


def _is_transactional(item: pytest.Item) -> bool:
    if {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return True
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Each test, its fixtures included, leaves the machine to whoever measures seconds (`calm`)."""
    with calm.beside_others():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[object]:
    """After a test that committed, bring back what the migrations had put into the database."""
    result = yield
    # After the very last test the database is gone already.
    if nextitem is not None and _DATABASE_USED in item.config.stash and _is_transactional(item):
        with item.config.stash[_DATABASE_USED].unblock():
            _restore_baseline()
    return result


def _postgres_names() -> tuple[str, str]:
    """The test database and the copy of it that is never written to."""
    name = str(connection.settings_dict["NAME"])
    return name, f"{name}_baseline"


def _copy_postgres(source: str, target: str) -> None:
    """Make `target` anew as a copy of `source`; PostgreSQL copies files, so rows, sequences and triggers agree."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def _drop_postgres_baseline() -> None:
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{_postgres_names()[1]}" WITH (FORCE)')


def _restore_baseline() -> None:
    if not _is_sqlite():
        name, baseline = _postgres_names()
        _copy_postgres(baseline, name)
        _forget_content_types()
        _forget_search_replica()
        return
    connection.close()
    connection.ensure_connection()
    with sqlite3.connect(_baseline_path()) as baseline:
        baseline.backup(connection.connection)
    baseline.close()
    connection.close()
    _forget_content_types()


def _forget_content_types() -> None:
    """Their keys may have changed with the restored rows; generic relations would look for the old ones."""
    from django.contrib.contenttypes.models import ContentType

    ContentType.objects.clear_cache()


def _forget_search_replica() -> None:
    """The replica took over outbox rows that never were, now that their numbers are given anew."""
    from search import engine

    engine._embedded.cache_clear()
    engine._failover.cache_clear()
    for path in settings.STATE_DIR.glob(f"{engine.FILE_NAME}*"):
        path.unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _platform_language() -> Iterator[None]:
    """A request leaves its language active in the thread; the next test starts in the platform's own."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.deactivate()
