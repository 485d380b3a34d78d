"""Embedded environment (`make run`): SQLite, local files, database tasks, one process tree."""

from .base import *  # noqa: F403
from .base import STATE_DIR

DEBUG = False
SECRET_KEY = "development-only"  # noqa: S105
ALLOWED_HOSTS = ["*"]
DATABASES = {
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
