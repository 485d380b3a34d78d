"""Application configuration."""

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "offline.packages"
    label = "packages"
    verbose_name = "资源包"
