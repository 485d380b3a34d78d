"""Application configuration."""

from django.apps import AppConfig


class MediaPipelineConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "media_pipeline"
    label = "media_pipeline"
    verbose_name = "媒体流水线"

    def ready(self) -> None:
        from media_pipeline import receivers  # noqa: F401
        from media_pipeline.garbage import Columns, register_referrer

        register_referrer("media_pipeline", Columns("media_pipeline"))
