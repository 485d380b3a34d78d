"""Application configuration."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.training"
    label = "training"
    verbose_name = "培训"
