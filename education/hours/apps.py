"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HoursConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.hours"
    label = "hours"
    verbose_name = "学时"

    def ready(self) -> None:
        from education.hours.guard import install_ledger_guard

        post_migrate.connect(install_ledger_guard, sender=self, dispatch_uid="hours.install_ledger_guard")
