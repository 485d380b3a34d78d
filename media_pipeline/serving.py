"""Which renditions of a source are served while it is transcoded, and transcoded again with a newer ladder.

A source serves the complete set of its newest *published* job: a re-encode shows nothing before all of it is
verified, and a rung that the newer ladder dropped goes with the switch. Until a first job is published, each rung
counts as soon as it is there (the sound comes first), the newest of each name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from django.db.models import OuterRef, Subquery

from media_pipeline.models import Rendition, TranscodeJob


class Row(Protocol):
    """What the choice looks at."""

    @property
    def name(self) -> str:
        """The rung's name."""

    @property
    def preset_version(self) -> str:
        """The ladder that made it."""


AnyRow = TypeVar("AnyRow", bound=Row)


def choose(rows: Iterable[AnyRow], published_version: str | None) -> list[AnyRow]:
    """The rows of one source that are served; pure.

    Args:
        rows: all of its renditions, the oldest first.
        published_version: the ladder of its newest published job, if any.
    """
    everything = list(rows)
    complete = [row for row in everything if row.preset_version == published_version]
    newest = {row.name: row for row in complete or everything}
    return list(newest.values())


def served(source_hashes: Collection[str]) -> dict[str, list[Rendition]]:
    """The renditions to serve, by the source's SHA-256; one query, sources without any are left out."""
    if not source_hashes:
        return {}
    published = TranscodeJob.objects.filter(source=OuterRef("source"), state=TranscodeJob.State.PUBLISHED)
    rows = (
        Rendition.objects.filter(source__sha256__in=source_hashes)
        .select_related("source")
        .annotate(published_version=Subquery(published.order_by("-pk").values("preset_version")[:1]))
        .order_by("pk")
    )
    grouped: dict[str, list[Rendition]] = {}
    published_of: dict[str, str | None] = {}
    for row in rows:
        grouped.setdefault(row.source.sha256, []).append(row)
        published_of[row.source.sha256] = row.published_version  # type: ignore[attr-defined]
    return {sha256: choose(group, published_of[sha256]) for sha256, group in grouped.items()}
