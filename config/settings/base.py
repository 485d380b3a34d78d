"""Settings shared by every environment; each value that differs comes from the environment."""

import os
from pathlib import Path
from typing import Any

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

from .environment import items, number, text

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STATE_DIR = Path(os.environ.get("STATE_DIR", BASE_DIR / "var")).resolve()
"""The one folder that holds everything the platform writes (`make reset` removes it)."""

INSTALLED_APPS = [
    "config.page_cache",
    "demo",
    "offline.packages",
    "offline.sync",
    "search",
    "education.members",
    "education.training",
    "education.classroom",
    "education.hours",
    "education.records",
    "cms.core",
    "cms.curriculum",
    "cms.lessons",
    "cms.places",
    "cms.teachers",
    "cms.review",
    "media_pipeline",
    "accounts",
    "wagtailmedia",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.security.SecurityHeadersMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.readable_text.ReadableTextMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.errors.FormIntakeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "config.errors.PersonErrorMiddleware",
    "cms.core.middleware.AdminCourtesyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates", BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
# The first one hashes; a password that another one of them hashed is hashed anew when its owner signs in.
PASSWORD_HASHERS = [
    "accounts.hashers.FrugalArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("bo", _("བོད་ཡིག"))]
# Django has no entry for Tibetan; it needs one, and a compiled catalogue, to take /bo/ for a language.
LANG_INFO["bo"] = {"bidi": False, "code": "bo", "name": "Tibetan", "name_local": "བོད་ཡིག"}
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(STATE_DIR / "static")))
STATICFILES_DIRS = [("web", BASE_DIR / "web" / "dist")]
MEDIA_ROOT = STATE_DIR / "media"
MEDIA_URL = "/media/"
OBJECTS_DIR = STATE_DIR / "objects"
PUBLIC_TREE_DIR = STATE_DIR / "public"
KEYS_DIR = STATE_DIR / "keys"
WORK_DIR = STATE_DIR / "work"
UPLOAD_DIR = STATE_DIR / "tmp"
"""Uploads on their way in; same file system as MEDIA_ROOT, so that taking one over is a rename."""
DROP_DIR = Path(text("DROP_DIR", str(STATE_DIR / "drop")))
"""Where recordings are put to be taken in, each person's in a folder named after the account; off unless it exists."""
for _folder in (MEDIA_ROOT, OBJECTS_DIR, PUBLIC_TREE_DIR, KEYS_DIR, WORK_DIR, UPLOAD_DIR):
    _folder.mkdir(parents=True, exist_ok=True)
KEYS_DIR.chmod(0o700)

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.ManifestStorage"},
}
S3_PUBLIC_ENDPOINT = ""
"""Where browsers reach the object store; empty: they don't, and this site sends unpublished media itself."""
OBJECT_CACHE_BYTES = number("OBJECT_CACHE_BYTES", 4 * 1024**3)
"""What a machine may keep of remote objects on its own disk."""
PURGE_URLS = items("PURGE_URLS")
"""Caches to tell of a take-down: addresses in which `{path}` stands for `/b/<aa>/<sha256>`."""
PURGE_METHOD = text("PURGE_METHOD", "PURGE")
PURGE_HEADERS: dict[str, str] = {}
ELASTICSEARCH_URLS = items("ELASTICSEARCH_URL")
"""Where the search engine is; empty: the embedded one alone."""
ELASTICSEARCH_USER = text("ELASTICSEARCH_USER", "")
ELASTICSEARCH_PASSWORD = text("ELASTICSEARCH_PASSWORD", "")
ELASTICSEARCH_CA = text("ELASTICSEARCH_CA", "")
"""A file with the authority of an https:// address; empty: the system's."""
ELASTICSEARCH_PREFIX = text("ELASTICSEARCH_PREFIX", "gaoyuan")
"""Begins the name of every index and alias: what another site on the same cluster has is never touched."""
STATIC_FROM_FINDERS = False
"""Whether a static file that was not collected is looked up in the source folders."""

DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_TEMP_DIR = str(UPLOAD_DIR)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MAX_UPLOAD_BYTES = number("MAX_UPLOAD_BYTES", 8 * 1024**3)
"""The largest request body that signed-in staff may send."""
MAX_BODY_BYTES = number("MAX_BODY_BYTES", 1024**2)
"""The largest request body that anybody else may send."""
WAGTAILMEDIA_MAX_UPLOAD_SIZE = MAX_UPLOAD_BYTES
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024**2

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "transcode"]}}

SESSION_COOKIE_AGE = 60 * 60 * 24 * 400
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

MEDIA_ORIGINS = items("MEDIA_ORIGINS")
"""Other addresses that media come from (an object store, a CDN); the content policy allows them."""
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
LANGUAGE_COOKIE_NAME = "django_language"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = items("CSRF_TRUSTED_ORIGINS")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "console": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": text("LOG_FORMAT", "console")}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Its audit says every edit and publication; they are in the database, where the admin shows them.
        "wagtail": {"level": text("WAGTAIL_LOG_LEVEL", "INFO")},
        "django.server": {"handlers": [], "propagate": True},
        "django": {"handlers": [], "propagate": True},
    },
}

WAGTAIL_SITE_NAME = "高原先锋课堂"
WAGTAILADMIN_BASE_URL = os.environ.get("PUBLIC_ADDRESS", "http://127.0.0.1:8000")
LAN_ADDRESS = os.environ.get("LAN_ADDRESS", "")
"""This server as the phones beside it reach it (scheme, host, port), where nobody has set PUBLIC_ADDRESS."""
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.wagtail_backend"}}
WAGTAILIMAGES_IMAGE_MODEL = "core.PlatformImage"
WAGTAILDOCS_DOCUMENT_MODEL = "core.PlatformDocument"
WAGTAILMEDIA = {
    "MEDIA_MODEL": "core.LectureMedia",
    "MEDIA_FORM_BASE": "cms.core.forms.LectureMediaForm",
    "AUDIO_EXTENSIONS": [],
    "VIDEO_EXTENSIONS": [],
}
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
# No mail leaves the platform: whoever forgot a password gets a one-time code from an administrator.
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.review.finish.publish_reviewed"
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", _("简体中文")), ("en", "English")]
