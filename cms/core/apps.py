"""Application configuration."""

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate


def make_site_after_migrate(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """Once the last application has its tables and permissions, make the site's skeleton."""
    with_models = [config for config in apps.get_app_configs() if config.models_module is not None]
    if app_config is not with_models[-1]:
        return
    if "review_reviewstage" not in connections[using].introspection.table_names():
        return  # only a part of the applications was migrated
    from cms.core.bootstrap import ensure_site

    ensure_site()


class CoreConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "cms.core"
    label = "core"
    verbose_name = "站点"

    def ready(self) -> None:
        from cms.core import receivers  # noqa: F401
        from cms.core.references import PinnedContent
        from media_pipeline.garbage import register_referrer

        register_referrer("content", PinnedContent())

        post_migrate.connect(make_site_after_migrate, dispatch_uid="core.make_site")
