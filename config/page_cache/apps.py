"""Application configuration."""

from django.apps import AppConfig


class PageCacheConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "config.page_cache"
    label = "page_cache"
    verbose_name = "页面缓存"

    def ready(self) -> None:
        from config.page_cache import receivers

        receivers.connect()
