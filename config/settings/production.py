"""Production: PostgreSQL, Redis, an S3 store and Elasticsearch (see base.py), all told by environment variables.

deploy/example.env lists the variables; `manage.py check --deploy` is clean with them.
"""

from .base import *  # noqa: F403
from .base import INSTALLED_APPS, LOGGING, MEDIA_ORIGINS, STORAGES, TASKS
from .environment import flag, items, number, text

DEBUG = False
SECRET_KEY = text("SECRET_KEY")
SECRET_KEY_FALLBACKS = items("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = items("ALLOWED_HOSTS") or [text("ALLOWED_HOSTS")]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": text("DATABASE_NAME", "gaoyuan"),
        "USER": text("DATABASE_USER", "gaoyuan"),
        "PASSWORD": text("DATABASE_PASSWORD"),
        "HOST": text("DATABASE_HOST"),
        "PORT": text("DATABASE_PORT", "5432"),
        # Under ASGI each request runs in a thread of its own, so connections are shared by a pool.
        "OPTIONS": {"pool": {"min_size": 2, "max_size": number("DATABASE_POOL", 16), "timeout": 15}},
        "CONN_HEALTH_CHECKS": True,
    }
}

QUEUES = TASKS["default"]["QUEUES"]
REDIS_URL = text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"CLIENT_CLASS": "django_redis.client.DefaultClient"},
        "KEY_PREFIX": "gaoyuan",
    }
}
INSTALLED_APPS = [*INSTALLED_APPS, "django_rq", "django_tasks_rq"]
TASKS = {"default": {"BACKEND": "config.task_queue.RedisBackend", "QUEUES": QUEUES}}
RQ_QUEUES = {name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": number("TASK_TIMEOUT_S", 6 * 3600)} for name in QUEUES}
RQ = {"JOB_CLASS": "django_tasks_rq.Job"}

S3_OPTIONS = {
    "bucket_name": text("S3_BUCKET"),
    "endpoint_url": text("S3_ENDPOINT"),
    "access_key": text("S3_ACCESS_KEY"),
    "secret_key": text("S3_SECRET_KEY"),
    "region_name": text("S3_REGION", "us-east-1"),
    "addressing_style": "path",
    "signature_version": "s3v4",
    "file_overwrite": False,
    "default_acl": None,
    "querystring_auth": True,
    "querystring_expire": 3600,
    # What is opened through Django is kept in memory up to this, beyond it in a temporary file.
    "max_memory_size": 8 * 1024**2,
    # Read once, by the transcoder, and kept for years. A store without that class may be told STANDARD.
    "storage_classes": {"originals/": text("S3_ORIGINALS_CLASS", "STANDARD_IA")},
}
STORAGES["default"] = {"BACKEND": "media_pipeline.s3_storage.ClassedS3Storage", "OPTIONS": S3_OPTIONS}
STORAGES["objects"] = {"BACKEND": "media_pipeline.s3_storage.ClassedS3Storage", "OPTIONS": S3_OPTIONS}
S3_PUBLIC_ENDPOINT = text("S3_PUBLIC_ENDPOINT", "")
MEDIA_ORIGINS = [*MEDIA_ORIGINS, *([S3_PUBLIC_ENDPOINT] if S3_PUBLIC_ENDPOINT else [])]
PURGE_HEADERS = dict(pair.split(": ", 1) for pair in [text("PURGE_HEADER", "")] if pair)

HTTPS = flag("HTTPS", default=True)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/live/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = number("HSTS_SECONDS", 31536000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = flag("HSTS_PRELOAD", default=True)

LOGGING["handlers"]["console"]["formatter"] = text("LOG_FORMAT", "json")
