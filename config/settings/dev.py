"""Embedded environment (`make run`): SQLite, local files, database tasks, one process tree."""

from typing import Any

from .base import *  # noqa: F403
from .base import KEYS_DIR, STATE_DIR
from .environment import flag, items, kept_secret

DEBUG = False
SECRET_KEY = kept_secret(KEYS_DIR / "django-secret")
ALLOWED_HOSTS = items("ALLOWED_HOSTS", "*")
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE_DIR / "db.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
}
# Files that collectstatic has not gathered yet are found where they lie (a build during development).
STATIC_FROM_FINDERS = True

HTTPS = flag("HTTPS")
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
