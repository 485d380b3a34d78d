"""Keeps lessons in step with their media."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver

from cms.core.models import LectureMedia, PlatformDocument
from cms.core.signals import material_published, media_replaced, renditions_expired
from cms.lessons import drop_folder, durations, pins, publication, resumable, selectors
from cms.lessons.models import Case, Lesson
from cms.review import drafts
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.publication import reconcile
from media_pipeline.signals import job_finished, rendition_published, swept
from media_pipeline.upkeep import Chore, Upkeep

RECONCILE_EVERY_S = 180
"""At most so long a killed take-down stays public."""
SWEEP_UPLOADS_EVERY_S = 3600
LET_GO_EVERY_S = 900
DROP_EVERY_S = 10


@receiver(rendition_published, dispatch_uid="lessons.rendition_published")
def on_rendition(sender: type, source: MediaSource, rendition: Rendition, **kwargs: Any) -> None:
    """A further encode of a source that live lessons show becomes public; that is no edit (domain.md §2).

    Whoever saved a lesson before its recording was measured gets its length now.
    """
    if rendition.kind == Rendition.Kind.AUDIO:  # They come first, and it looks through every draft.
        durations.fill_drafts_of(source)
    _show_what_is_served(source)


@receiver(job_finished, dispatch_uid="lessons.job_finished")
@receiver(renditions_expired, dispatch_uid="lessons.renditions_expired")
def on_job_finished(sender: type, source: MediaSource, **kwargs: Any) -> None:
    """Live lessons change over to a re-encode once all of it is verified, and later let go of what it replaced."""
    _show_what_is_served(source)


def _show_what_is_served(source: MediaSource) -> None:
    for material_id in selectors.materials_using_source(source):
        material = selectors.material(material_id)
        if material is not None and publication.publish(material):
            material_published.send(sender=type(material), material_id=material_id, instance=material)


@receiver(media_replaced, dispatch_uid="lessons.media_replaced")
def on_media_replaced(sender: type, media: Any, author: Any, **kwargs: Any) -> None:
    """Lessons whose track or subtitle was replaced get a draft with the new pins; what is live stays.

    Where the draft was handed in already, that reopens its review.
    """
    for material in _users_of(media):
        draft = material.get_latest_revision_as_object()
        if pins.current_pins(draft) == draft.media_pins:
            continue
        with transaction.atomic():
            draft.save_revision(user=author, log_action=True, clean=False)


def sweep_uploads() -> None:
    """Remove uploads that nobody continued."""
    resumable.default_folder().sweep()


_upkeep = Upkeep(
    [
        Chore(RECONCILE_EVERY_S, reconcile),
        Chore(SWEEP_UPLOADS_EVERY_S, sweep_uploads),
        Chore(LET_GO_EVERY_S, publication.let_go_of_replaced),
        Chore(DROP_EVERY_S, drop_folder.take_all_aside),
    ]
)


@receiver(swept, dispatch_uid="lessons.swept")
def on_swept(sender: type | None, **kwargs: Any) -> None:
    """Repair the public tree when a worker starts, and now and then: whoever changed it may have died half-way."""
    _upkeep.run()


def _users_of(media: Any) -> list[Lesson | Case]:
    """The materials that show the file, in their rows or only in what is drafted of them."""
    if isinstance(media, LectureMedia):
        rows = Q(video=media) | Q(tracks__audio=media)
    elif isinstance(media, PlatformDocument):
        rows = Q(tracks__subtitle=media) | Q(attachments__document=media)
    else:
        return []
    found: dict[int, Lesson | Case] = {}
    for model in (Lesson, Case):
        stored = model.objects.filter(rows).distinct()
        drafted = drafts.drafts_naming(model, ("video", "tracks", "attachments"), partial(_draft_shows, media))
        found.update({material.pk: material for material in (*stored, *drafted)})
    return list(found.values())


def _draft_shows(
    media: LectureMedia | PlatformDocument,
    video: int | None,
    tracks: list[dict[str, Any]] | None,
    attachments: list[dict[str, Any]] | None,
) -> bool:
    if isinstance(media, LectureMedia):
        return media.pk in (video, *(track["audio"] for track in tracks or []))
    return media.pk in (
        *(track["subtitle"] for track in tracks or []),
        *(attachment["document"] for attachment in attachments or []),
    )
