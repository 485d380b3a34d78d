"""What happens by itself when media and documents are saved."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from wagtail.log_actions import get_active_log_context

from cms.core.models import LectureMedia, PlatformDocument, PlatformImage
from cms.core.services import ingest_document, try_to_ingest_media
from cms.core.signals import media_replaced


def acting_person() -> Any:
    """Who is at work in the admin; None for a program.

    Not `uploaded_by_user`: that names who brought the first file, and whoever replaces it is the author whom the
    three-stage review must refuse (domain.md §2).
    """
    return get_active_log_context().user


@receiver(post_save, sender=LectureMedia, dispatch_uid="core.media_saved")
def on_media_saved(sender: type, instance: LectureMedia, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """A new file becomes a source and is transcoded, once its row is committed."""
    if raw or not instance.file or not (instance.file_is_new or instance.media_source_id is None):
        return

    author = acting_person()

    def ingest() -> None:
        before = instance.media_source_id
        try_to_ingest_media(instance)
        if not created and before != instance.media_source_id:
            media_replaced.send(sender=LectureMedia, media=instance, author=author)

    transaction.on_commit(ingest)


@receiver(post_save, sender=PlatformDocument, dispatch_uid="core.document_saved")
def on_document_saved(
    sender: type, instance: PlatformDocument, created: bool, raw: bool = False, **kwargs: Any
) -> None:
    """A new file's bytes go into the object store, so that pins can name them."""
    if raw or not instance.file or not (instance.file_is_new or not instance.content_sha256):
        return
    instance.file_is_new = False
    ingest_document(instance)
    if not created:
        media_replaced.send(sender=PlatformDocument, media=instance, author=acting_person())


@receiver(post_save, sender=PlatformImage, dispatch_uid="core.image_saved")
def on_image_saved(sender: type, instance: PlatformImage, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Whoever shows the picture hears that its file is another one, once the new one's row is committed."""
    if raw or created or not instance.file_is_new:
        return
    instance.file_is_new = False

    author = acting_person()

    def tell() -> None:
        # Smaller copies made of the former file would be taken for those of the new one.
        instance.renditions.all().delete()
        media_replaced.send(sender=PlatformImage, media=instance, author=author)

    transaction.on_commit(tell)
