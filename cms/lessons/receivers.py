"""Keeps lessons in step with their media."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from cms.core.models import LectureMedia, PlatformDocument
from cms.core.signals import material_published, media_replaced
from cms.lessons import durations, publication, selectors
from cms.lessons.models import Case, Lesson
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.publication import reconcile
from media_pipeline.signals import rendition_published, swept
from media_pipeline.upkeep import Chore, Upkeep

RECONCILE_EVERY_S = 180
"""At most so long a killed take-down stays public."""


@receiver(rendition_published, dispatch_uid="lessons.rendition_published")
def on_rendition(sender: type, source: MediaSource, rendition: Rendition, **kwargs: Any) -> None:
    """A further encode of a source that live lessons show becomes public; that is no edit (domain.md §2).

    Whoever saved a lesson before its recording was measured gets its length now.
    """
    durations.fill_drafts_of(source)
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


_upkeep = Upkeep([Chore(RECONCILE_EVERY_S, reconcile)])


@receiver(swept, dispatch_uid="lessons.swept")
def on_swept(sender: type | None, **kwargs: Any) -> None:
    """Repair the public tree when a worker starts, and now and then: whoever changed it may have died half-way."""
    _upkeep.run()


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
