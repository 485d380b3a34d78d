"""Application configuration."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.members"
    label = "members"
    verbose_name = "党员"
