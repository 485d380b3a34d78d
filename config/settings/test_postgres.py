"""The test environment on PostgreSQL: the part of the suite that must hold there too runs with these settings."""

from .environment import text
from .test import *  # noqa: F403

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": text("DATABASE_USER"),
        "HOST": text("DATABASE_HOST"),
        "PORT": text("DATABASE_PORT"),
        "TEST": {"NAME": "gaoyuan_test", "TEMPLATE": "template0"},
    }
}
