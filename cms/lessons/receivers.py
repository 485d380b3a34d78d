"""Keeps lessons in step with their media."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from cms.core.models import LectureMedia, PlatformDocument
from cms.core.signals import material_published, media_replaced
from cms.lessons import publication, selectors
from cms.lessons.models import Case, Lesson
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.signals import rendition_published, swept


@receiver(rendition_published, dispatch_uid="lessons.rendition_published")
def on_rendition(sender: type, source: MediaSource, rendition: Rendition, **kwargs: Any) -> None:
    """A further encode of a source that live lessons show becomes public; that is no edit (domain.md §2)."""
    for material_id in selectors.materials_using_source(source):
        material = selectors.material(material_id)
        if material is not None:
            publication.publish(material)
            material_published.send(sender=type(material), material_id=material_id, instance=material)


@receiver(media_replaced, dispatch_uid="lessons.media_replaced")
def on_media_replaced(sender: type, media: Any, author: Any, **kwargs: Any) -> None:
    """Lessons whose track or subtitle was replaced get a draft with the new pins; what is live stays."""
    for material in _users_of(media):
        draft = material.get_latest_revision_as_object()
        with transaction.atomic():
            draft.save_revision(user=author, log_action=True, clean=False)


@receiver(swept, dispatch_uid="lessons.swept")
def on_first_sweep(sender: type, **kwargs: Any) -> None:
    """A worker that starts repairs what a crash between commit and link left undone."""
    swept.disconnect(dispatch_uid="lessons.swept")
    publication.reconcile()


def _users_of(media: Any) -> list[Lesson | Case]:
    found: list[Lesson | Case] = []
    for model in (Lesson, Case):
        if isinstance(media, LectureMedia):
            rows = model.objects.filter(video=media) | model.objects.filter(tracks__audio=media)
        elif isinstance(media, PlatformDocument):
            rows = model.objects.filter(tracks__subtitle=media) | model.objects.filter(attachments__document=media)
        else:
            rows = model.objects.none()
        found.extend(rows.distinct())
    return found
