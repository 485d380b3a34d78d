"""Keeps places in step with their pictures and recordings."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from cms.core.models import PlatformDocument, PlatformImage
from cms.core.signals import media_replaced, renditions_expired
from cms.places import pins, publication
from cms.places.models import RedSite, TrainingBase, Venue
from cms.review import drafts
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.signals import job_finished, rendition_published

KINDS = (RedSite, TrainingBase, Venue)


@receiver(media_replaced, dispatch_uid="places.media_replaced")
def on_media_replaced(sender: type, media: Any, author: Any, **kwargs: Any) -> None:
    """Places whose picture or recording was replaced get a draft with the new pins; what is live stays.

    Where the draft was handed in already, that reopens its review.
    """
    if isinstance(media, PlatformDocument):
        return
    field = "image" if isinstance(media, PlatformImage) else "media"

    def shows(gallery: list[dict[str, Any]] | None) -> bool:
        return any(item[field] == media.pk for item in gallery or [])

    for model in KINDS:
        stored = model.objects.filter(**{f"gallery__{field}": media}).distinct()
        for place in {*stored, *drafts.drafts_naming(model, ("gallery",), shows)}:
            draft = place.get_latest_revision_as_object()
            if pins.current_pins(draft) == draft.media_pins:
                continue
            with transaction.atomic():
                draft.save_revision(user=author, log_action=True, clean=False)


@receiver(rendition_published, dispatch_uid="places.rendition_published")
def on_rendition(sender: type, source: MediaSource, rendition: Rendition, **kwargs: Any) -> None:
    """A further encode of a recording that live places show becomes public; that is no edit (domain.md §2)."""
    if rendition.kind == Rendition.Kind.MUXED:
        _show_what_is_served(source)


@receiver(job_finished, dispatch_uid="places.job_finished")
@receiver(renditions_expired, dispatch_uid="places.renditions_expired")
def on_job_finished(sender: type, source: MediaSource, **kwargs: Any) -> None:
    """Live places change over to a re-encode once all of it is verified, and later let go of what it replaced."""
    _show_what_is_served(source)


def _show_what_is_served(source: MediaSource) -> None:
    for model in KINDS:
        for place in model.objects.live().filter(gallery__media__media_source=source).distinct():
            publication.publish(place)
