"""Application configuration."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "search"
    label = "search"
    verbose_name = "搜索"

    def ready(self) -> None:
        """Register what the CMS offers and listen for changes; models are only importable from here on."""
        from search import receivers, registry, sources

        for source in sources.CMS_SOURCES:
            registry.register(source)
        receivers.connect(self)
