"""Application configuration."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "demo"
    label = "demo"
    verbose_name = "演示内容"

    def ready(self) -> None:
        """Listen to the workers."""
        from demo import receivers  # noqa: F401
