"""Application configuration."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.records"
    label = "records"
    verbose_name = "学习记录"
