"""Which objects of a place are public."""

from __future__ import annotations

from typing import Any

from accounts.errors import PersonError
from cms.lessons.publication import show_objects
from cms.places import errors, pins
from media_pipeline.models import Rendition
from media_pipeline.serving import served


def blockers(place: Any) -> list[PersonError]:
    """Why the pinned gallery cannot be shown yet."""
    found: list[PersonError] = []
    for number, pin in enumerate((place.media_pins or pins.empty_pins())["gallery"], start=1):
        if pin["kind"] == "missing":
            found.append(errors.PictureMissing(number=number))
        elif pin["kind"] == "video" and not _has_copy(pin["source"]):
            found.append(errors.RecordingNotFinished(number=number))
    return found


def _has_copy(source_sha256: str) -> bool:
    return any(row.kind == Rendition.Kind.MUXED for row in served([source_sha256]).get(source_sha256, []))


def publish(place: Any) -> None:
    """Record and, on commit, make public what the live revision shows."""
    show_objects(place.translation_key, pins.objects_of(place.media_pins or pins.empty_pins()))


def withdraw(place: Any) -> None:
    """Forget the place's objects and, on commit, remove those that nothing else published needs."""
    show_objects(place.translation_key, set())
