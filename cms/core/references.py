"""Which stored objects the site's content refers to, for the collection of garbage (media_pipeline.garbage)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from django.apps import apps
from wagtail.models import Revision

from media_pipeline.garbage import Columns

_HASH = re.compile(r"\b[0-9a-f]{64}\b")
PINS = "media_pins"
"""The field of every page that pins its media by hash (cms/lessons/pins.py, cms/places/pins.py)."""


class PinnedContent:
    """Documents, public objects, and whatever a page or any revision of one names by hash.

    Every revision counts: an old one may be looked at, compared or brought back at any time.
    """

    def referenced(self) -> set[str]:
        found: set[str] = set()
        for label in ("core", "lessons"):
            found |= Columns(label).referenced()
        for text in _pinned():
            found.update(_HASH.findall(text))
        return found


def _pinned() -> Iterator[str]:
    for model in apps.get_models():
        if any(field.name == PINS for field in model._meta.concrete_fields):
            yield from map(json.dumps, model._default_manager.values_list(PINS, flat=True).iterator())
    revisions = Revision.objects.filter(content__has_key=PINS)
    yield from map(json.dumps, revisions.values_list(f"content__{PINS}", flat=True).iterator())
