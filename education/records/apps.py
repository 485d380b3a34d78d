"""Application configuration."""

from typing import Any
from uuid import UUID

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.records"
    label = "records"
    verbose_name = "学习记录"

    def ready(self) -> None:
        from cms.core.signals import material_published

        material_published.connect(_material_published, dispatch_uid="records.reconsider")


def _material_published(material_id: UUID, **_: Any) -> None:
    """Records that ran ahead of a lesson are accepted once it is there."""
    from education.records.services import reconsider

    reconsider(material_id)
