"""How long a lesson plays and how many minutes of self-study it counts for (domain.md §2: nominal length)."""

from __future__ import annotations

import math
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import PersonError
from cms.lessons.errors import MinutesUnknown
from cms.review import drafts
from media_pipeline.models import MediaSource

MUCH_LONGER = 2
"""A nominal length above so many times the real one is more likely a mistake than a long exercise."""


CONTAINER_SPARE_S = 1
"""Ten minutes of lecture come as 600.04 s of file: the last frame's rest is no eleventh minute."""


def whole_minutes(duration_s: float) -> int:
    """A real duration as nominal minutes: begun minutes count, and nothing is shorter than one."""
    return max(1, math.ceil((duration_s - CONTAINER_SPARE_S) / 60))


def is_much_longer(nominal_minutes: int | None, duration_s: float | None) -> bool:
    """Whether the nominal length deserves a second look; pure."""
    if not nominal_minutes or not duration_s:
        return False
    return nominal_minutes > MUCH_LONGER * whole_minutes(duration_s)


def measured_s(material: Any) -> float | None:
    """The length in seconds of the material's own recording, once the pipeline has measured it."""
    if material.video_id is None or material.video.media_source_id is None:
        return None
    return material.video.media_source.duration_s or None


def fill_minutes(material: Any) -> None:
    """Set an empty nominal length to the measured one, where there is one."""
    duration_s = measured_s(material)
    if material.nominal_minutes is None and duration_s is not None:
        material.nominal_minutes = whole_minutes(duration_s)


def fill_drafts_of(source: MediaSource) -> int:
    """Give drafts that were saved before their recording was measured its length.

    A recording that came after the first save lies in the draft alone: the row does not name it yet.

    Returns:
        how many drafts were filled; each is a new revision, as an edit would be.
    """
    filled = 0
    media = set(apps.get_model("core", "LectureMedia").objects.filter(media_source=source).values_list("pk", flat=True))
    for name in ("Lesson", "Case"):
        model = apps.get_model("lessons", name)
        stored = model.objects.filter(video__in=media, nominal_minutes=None, live=False)
        drafted = drafts.drafts_naming(
            model, ("video", "nominal_minutes"), lambda video, minutes: minutes is None and video in media
        )
        for material in {*stored, *drafted}:
            draft = material.get_latest_revision_as_object()
            if draft.nominal_minutes is not None or measured_s(draft) is None:
                continue
            with transaction.atomic():
                draft.save_revision(clean=False)
            filled += 1
    return filled


def blockers(material: Any) -> list[PersonError]:
    """Nothing is published whose worth in minutes nobody knows."""
    return [] if material.nominal_minutes else [MinutesUnknown()]


def warning(nominal_minutes: int | None, duration_s: float | None) -> str:
    """What an editor is told about a nominal length that does not fit the recording; empty where it fits."""
    if not is_much_longer(nominal_minutes, duration_s):
        return ""
    said = {"nominal": nominal_minutes, "real": whole_minutes(duration_s or 0)}
    return _("计 %(nominal)s 分钟，实长只有 %(real)s 分钟") % said
