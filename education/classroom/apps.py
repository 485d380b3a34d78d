"""Application configuration."""

from django.apps import AppConfig


class ClassroomConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.classroom"
    label = "classroom"
    verbose_name = "课堂"
