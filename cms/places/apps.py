"""Application configuration."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "cms.places"
    label = "places"
    verbose_name = "场所"

    def ready(self) -> None:
        """Listen for replaced pictures and recordings."""
        from cms.places import receivers  # noqa: F401
