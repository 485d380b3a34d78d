"""Turns Wagtail's life cycle into the CMS's two signals, and guards scheduled revisions."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.models import Revision
from wagtail.signals import published, unpublished

from cms.core.signals import material_published, material_withdrawn
from cms.review import services
from cms.review.guard import Reviewed, require_clearance
from media_pipeline.signals import swept


@receiver(published, dispatch_uid="review.published")
def on_published(sender: type, instance: Any, **kwargs: Any) -> None:
    """Wagtail also says "published" of what is only scheduled; that is not visible yet."""
    if isinstance(instance, Reviewed) and instance.live:
        instance.after_publication()
        material_published.send(sender=sender, material_id=instance.review_material_id, instance=instance)


@receiver(unpublished, dispatch_uid="review.unpublished")
def on_unpublished(sender: type, instance: Any, **kwargs: Any) -> None:
    specific = getattr(instance, "specific", instance)
    if isinstance(specific, Reviewed):
        specific.after_withdrawal()
        material_withdrawn.send(sender=type(specific), material_id=specific.review_material_id, instance=specific)


@receiver(pre_delete, dispatch_uid="review.deleted")
def on_delete(sender: type, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, Reviewed) and instance.live:
        instance.after_withdrawal()
        material_withdrawn.send(sender=sender, material_id=instance.review_material_id, instance=instance)


@receiver(swept, dispatch_uid="review.swept")
def on_sweep(sender: type, **kwargs: Any) -> None:
    """The worker's beat is the clock of scheduled publishing: no cron needed."""
    services.run_schedule(timezone.now())


@receiver(pre_save, sender=Revision, dispatch_uid="review.scheduled")
def on_schedule(sender: type, instance: Revision, **kwargs: Any) -> None:
    """A go-live time may only be approved on a cleared revision, whoever sets it."""
    if instance.approved_go_live_at is None:
        return
    content_object = instance.content_object
    if isinstance(content_object, Reviewed):
        require_clearance(content_object, instance)
