"""Application configuration."""

from django.apps import AppConfig


class LessonsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "cms.lessons"
    label = "lessons"
    verbose_name = "课程"
