"""What a revision of a place shows, by hash: a picture that is replaced later goes live by no side way (domain.md §2).

    {"v": 1, "gallery": [{"kind": "image", "sha256", "width", "height", "title"}
                         | {"kind": "video", "source": sha256 of the original, "title"}
                         | {"kind": "missing"}]}

in the order of the gallery. A picture is pinned as the small WebP that the page shows, stored under its hash; the
title stands in for a caption that nobody wrote, and older pins lack it.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cms.core.models import PlatformImage
from cms.core.services import stored_sha256
from media_pipeline import serving
from media_pipeline.models import Rendition

SHOWN_AS = "width-720|format-webp"
_MISSING = {"kind": "missing"}


def empty_pins() -> dict[str, Any]:
    """The pins of a place without a gallery."""
    return {"v": 1, "gallery": []}


def current_pins(place: Any) -> dict[str, Any]:
    """The pins of a place as its pictures and recordings are now."""
    return {"v": 1, "gallery": [_item_pin(item) for item in place.gallery.all()]}


def _item_pin(item: Any) -> dict[str, Any]:
    if item.image is not None:
        return _image_pin(item.image)
    source = item.media.media_source if item.media is not None else None
    return {"kind": "video", "source": source.sha256, "title": item.media.title} if source is not None else _MISSING


def _image_pin(image: PlatformImage) -> dict[str, Any]:
    try:
        small = image.get_rendition(SHOWN_AS)
        sha256 = stored_sha256(small.file)
    except OSError:
        # Wagtail's own error for a lost original is an OSError as well: the editor is told at publication.
        return _MISSING
    return {"kind": "image", "sha256": sha256, "width": small.width, "height": small.height, "title": image.title}


def source_hashes(pinned: dict[str, Any]) -> set[str]:
    """The originals of the recordings that the pins name."""
    return {pin["source"] for pin in pinned.get("gallery", []) if pin["kind"] == "video"}


def objects_of(pinned: dict[str, Any]) -> set[str]:
    """Every object that the page needs: its pictures and the small copy of each recording."""
    pictures = {pin["sha256"] for pin in pinned.get("gallery", []) if pin["kind"] == "image"}
    rungs = serving.kept(source_hashes(pinned), timezone.now())
    return pictures | {row.sha256 for row in rungs if row.kind == Rendition.Kind.MUXED}
