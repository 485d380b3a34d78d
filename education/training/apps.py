"""Application configuration."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save, pre_save


class TrainingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.training"
    label = "training"
    verbose_name = "培训"

    def ready(self) -> None:
        pre_save.connect(_enrolment_moves, sender="training.Enrolment", dispatch_uid="training.moved")
        post_save.connect(_enrolment_saved, sender="training.Enrolment", dispatch_uid="training.attendance")
        post_delete.connect(_enrolment_deleted, sender="training.Enrolment", dispatch_uid="training.struck_off")


def _enrolment_moves(instance: Any, raw: bool = False, **_: Any) -> None:
    """A place that is given to another member, or in another class, is no longer the first one's attendance."""
    before = None if raw or instance.pk is None else type(instance).objects.filter(pk=instance.pk).first()
    if before is None or (before.training_class_id, before.member_id) == (
        instance.training_class_id,
        instance.member_id,
    ):
        return
    _enrolment_deleted(before)


def _enrolment_saved(instance: Any, raw: bool = False, **_: Any) -> None:
    from education.training.services import settle_attendance

    if not raw:
        settle_attendance(instance)


def _enrolment_deleted(instance: Any, **_: Any) -> None:
    from education.training.services import settle_attendance

    instance.attended = False
    settle_attendance(instance)
