"""Application configuration."""

from django.apps import AppConfig
from django.conf import settings


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
        if settings.ELASTICSEARCH_URLS:
            _feed_elasticsearch()


def _feed_elasticsearch() -> None:
    from media_pipeline.signals import swept
    from search import outbox
    from search.backends import elastic_chores

    outbox.announced.connect(elastic_chores.on_announced, dispatch_uid="search.elastic")
    swept.connect(elastic_chores.on_swept, dispatch_uid="search.elastic")
