"""Application configuration."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "offline.sync"
    label = "sync"
    verbose_name = "记录同步"
