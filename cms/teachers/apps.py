"""Application configuration."""

from django.apps import AppConfig


class TeachersConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "cms.teachers"
    label = "teachers"
    verbose_name = "师资库"
