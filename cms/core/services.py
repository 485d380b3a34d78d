"""Takes what an editor uploads into the pipeline and the object store."""

from __future__ import annotations

import logging
from typing import Any

from cms.core.models import LectureMedia, PlatformDocument
from media_pipeline.errors import MediaError
from media_pipeline.models import MediaSource
from media_pipeline.objects import default_store
from media_pipeline.services import register_source, request_transcode

logger = logging.getLogger(__name__)


def ingest_media(media: LectureMedia) -> MediaSource:
    """Register the media's file as a source, ask for its transcode, and remember the source.

    Raises:
        MediaError: the file cannot be a source (for instance: empty).
        OSError: the file is gone or the disk is full; nothing half-written stays.
    """
    source = register_source(media.file, name=media.filename)
    if media.media_source_id != source.pk:
        LectureMedia.objects.filter(pk=media.pk).update(media_source=source)
        media.media_source = source
    request_transcode(source)
    return source


def try_to_ingest_media(media: LectureMedia) -> None:
    """`ingest_media` for receivers: a failure is logged and shown by the progress panel, which offers a retry."""
    try:
        ingest_media(media)
    except (MediaError, OSError):
        logger.exception("media %s could not be registered as a source", media.pk)


def ingest_document(document: PlatformDocument) -> str:
    """Keep the document's bytes in the object store; returns their SHA-256.

    Raises:
        OSError: the file is gone or the disk is full; nothing half-written stays.
    """
    sha256 = stored_sha256(document.file)
    length = document.file.size
    PlatformDocument.objects.filter(pk=document.pk).update(content_sha256=sha256, content_length=length)
    document.content_sha256, document.content_length = sha256, length
    return sha256


def stored_sha256(stored: Any) -> str:
    """Keep a stored file's bytes in the object store; returns their SHA-256.

    Raises:
        OSError: the file is gone or the disk is full; nothing half-written stays.
    """
    with stored.storage.open(stored.name, "rb") as reader:
        return default_store().put_stream(reader)
