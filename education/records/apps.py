"""Application configuration."""

from typing import Any
from uuid import UUID

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.records"
    label = "records"
    verbose_name = "学习记录"

    def ready(self) -> None:
        from cms.core.signals import material_published

        material_published.connect(_material_published, dispatch_uid="records.reconsider")
        post_migrate.connect(_protect_decisions, sender=self, dispatch_uid="records.protect_decisions")


def _material_published(material_id: UUID, **_: Any) -> None:
    """Records that ran ahead of a lesson are accepted once it is there."""
    from education.records.services import reconsider

    reconsider(material_id)


def _protect_decisions(using: str = "default", **_: Any) -> None:
    from education.hours.guard import protect

    protect(["records_recorddecision"], using=using)
