"""Application configuration."""

from django.apps import AppConfig


class HoursConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.hours"
    label = "hours"
    verbose_name = "学时"
