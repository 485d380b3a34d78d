"""Which objects of a lesson are public: made so when it is published, taken back when it is withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from wagtail.models import Page

from accounts.errors import PersonError
from cms.core.signals import renditions_expired
from cms.lessons import errors, pins
from media_pipeline import serving
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.publication import settle
from media_pipeline.selectors import job_status


def blockers(material: Any) -> list[PersonError]:
    """Why the revision's media cannot be shown yet: every pinned source needs at least finished sound."""
    found: list[PersonError] = []
    pinned = material.media_pins or pins.empty_pins()
    if material.video_id is None:
        if material.specific_class.__name__ == "Lesson":
            found.append(errors.LessonWithoutVideo())
    else:
        found += _sound_blockers("视频", "the video", pinned.get("video"))
    for track in material.tracks.all():
        if track.kind == "audio":
            label, name = f"{track.get_language_display()}配音", f"the {track.language} dub"
            found += _sound_blockers(label, name, pinned.get("audio", {}).get(track.language))
        elif track.language not in pinned.get("subtitle", {}):
            found.append(errors.SubtitleMissing(language=track.get_language_display()))
    return found


def _sound_blockers(what: str, what_en: str, sha256: str | None) -> list[PersonError]:
    source = MediaSource.objects.filter(sha256=sha256).first() if sha256 else None
    if source is None:
        return [errors.MediaNotRegistered(what=what, what_en=what_en)]
    if source.renditions.filter(kind=Rendition.Kind.AUDIO).exists():
        return []
    return [errors.SoundNotFinished(what=what, what_en=what_en, state=job_status(source).state_label or "排队中")]


def objects_of(pinned: dict[str, Any]) -> set[str]:
    """Every object that a page with these pins needs: renditions, their indexes, subtitles, attachments.

    For a while also those that a re-encode replaced: who is in the midst of the lesson comes to its end.
    """
    needed = pins.byte_hashes(pinned)
    for row in serving.kept(pins.source_hashes(pinned), timezone.now()):
        needed |= {row.sha256, row.index_sha256} - {""}
    return needed


def publish(material: Any) -> bool:
    """Record and, on commit, make public what the live revision shows; drop what only its predecessor showed.

    Returns:
        Whether it shows other objects than before.
    """
    pinned_model = apps.get_model("lessons", "PinnedSource")
    material_id, pinned = material.translation_key, material.media_pins or pins.empty_pins()
    sources = pins.source_hashes(pinned)
    pinned_model.objects.filter(material_id=material_id).exclude(source_sha256__in=sources).delete()
    pinned_model.objects.bulk_create(
        [pinned_model(material_id=material_id, source_sha256=sha256) for sha256 in sorted(sources)],
        ignore_conflicts=True,
    )
    return show_objects(material_id, objects_of(pinned))


def withdraw(material_id: uuid.UUID) -> None:
    """Forget the material's objects and, on commit, remove those that nothing else published needs."""
    apps.get_model("lessons", "PinnedSource").objects.filter(material_id=material_id).delete()
    show_objects(material_id, set())


def show_objects(material_id: uuid.UUID, needed: set[str]) -> bool:
    """Record which objects a live material needs; on commit the tree follows, or else at the next reconciliation.

    Returns:
        Whether they are others than before.
    """
    model = apps.get_model("lessons", "PublishedObject")
    rows = model.objects.filter(material_id=material_id)
    before = set(rows.values_list("sha256", flat=True))
    dropped = before - needed
    rows.filter(sha256__in=dropped).delete()
    model.objects.bulk_create(
        [model(material_id=material_id, sha256=sha256) for sha256 in sorted(needed)], ignore_conflicts=True
    )
    # What is public was decided by the commit: a full disk must not undo what else waits for it.
    transaction.on_commit(lambda: settle(needed | dropped), robust=True)
    return before != needed


def let_go_of_replaced() -> None:
    """Take back what was replaced long enough ago, and forget it; the objects are left to the collection of garbage.

    Packages that were built of them hold their objects themselves.
    """
    shown = apps.get_model("lessons", "PublishedObject").objects.values("sha256")
    outlived = serving.outlived(timezone.now())
    for source in MediaSource.objects.filter(pk__in=outlived.filter(sha256__in=shown).values("source")):
        with transaction.atomic():
            renditions_expired.send(sender=MediaSource, source=source)
    serving.forget(outlived.exclude(sha256__in=shown))


class LiveMaterials:
    """Names what live lessons, cases and places show; a row outlived by its page's publication names nothing."""

    def named(self, shas: Collection[str] | None = None) -> set[str]:
        live = Page.objects.live().filter(translation_key=OuterRef("material_id"))
        rows = apps.get_model("lessons", "PublishedObject").objects.filter(Exists(live))
        if shas is not None:
            rows = rows.filter(sha256__in=shas)
        return set(rows.values_list("sha256", flat=True))
