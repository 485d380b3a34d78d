"""Test environment: the embedded one, its state in a folder of its own for each pytest process."""

import os
import tempfile
from pathlib import Path


def _private_state_dir() -> str:
    """A folder for this process; children (a worker, a web server) inherit it as it is."""
    ready = os.environ.get("TEST_STATE_DIR")
    if ready and os.environ.get("TEST_STATE_DIR_OF") == os.environ.get("PYTEST_XDIST_WORKER", ""):
        return ready
    root = os.environ.get("TEST_STATE_ROOT") or os.environ.get("STATE_DIR")
    if not root:
        root = str(Path(tempfile.gettempdir()) / f"gaoyuan-tests-{os.getuid()}")
    os.environ["TEST_STATE_ROOT"] = root
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    os.environ["TEST_STATE_DIR_OF"] = worker
    return str(Path(root) / "tests" / (worker or "main"))


os.environ["STATE_DIR"] = os.environ["TEST_STATE_DIR"] = _private_state_dir()

from .dev import *  # noqa: E402, F403
from .dev import DATABASES, STATE_DIR, STORAGES  # noqa: E402

SECRET_KEY = "only-for-tests"  # noqa: S105
ELASTICSEARCH_URLS = []
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["TEST"] = {"NAME": STATE_DIR / "test.sqlite3"}
DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
