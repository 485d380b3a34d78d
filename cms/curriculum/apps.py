"""Application configuration."""

from django.apps import AppConfig


class CurriculumConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "cms.curriculum"
    label = "curriculum"
    verbose_name = "教学大纲"
