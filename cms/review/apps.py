"""Application configuration."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "cms.review"
    label = "review"
    verbose_name = "三审三校"

    def ready(self) -> None:
        from cms.review import receivers  # noqa: F401
