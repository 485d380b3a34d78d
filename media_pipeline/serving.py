"""Which renditions of a source are served while it is transcoded, and transcoded again with a newer ladder.

A source serves the complete set of its newest *published* job: a re-encode shows nothing before all of it is
verified, and a rung that the newer ladder dropped goes with the switch. Until a first job is published, each rung
counts as soon as it is there (the sound comes first), the newest of each name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from media_pipeline.models import Rendition, TranscodeJob

GRACE = timedelta(hours=6)
"""How long what was replaced stays public: longer than the longest lesson and the pages that caches still hold."""


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


def kept_versions(published: Sequence[tuple[str, datetime | None]], now: datetime) -> set[str]:
    """The ladders whose renditions stay public: the newest, and one that was replaced less than `GRACE` ago; pure.

    Args:
        published: ladder and end of the source's published jobs, the oldest first.
    """
    found = {version for version, _ended in published[-1:]}
    for (version, _ended), (_next, replaced_at) in pairwise(published):
        if replaced_at is not None and replaced_at > now - GRACE:
            found.add(version)
    return found


def served(source_hashes: Collection[str]) -> dict[str, list[Rendition]]:
    """The renditions to serve, by the source's SHA-256; one query, sources without any are left out."""
    published: dict[str, str | None] = {}
    grouped: dict[str, list[Rendition]] = {}
    for row in _with_version(Rendition.objects.filter(source__sha256__in=source_hashes)) if source_hashes else ():
        grouped.setdefault(row.source.sha256, []).append(row)
        published[row.source.sha256] = row.published_version  # type: ignore[attr-defined]
    return {sha256: choose(group, published[sha256]) for sha256, group in grouped.items()}


def kept(source_hashes: Collection[str], now: datetime) -> list[Rendition]:
    """What is served, and what it replaced a short while ago: nobody's lesson breaks off at the change; two queries."""
    jobs = TranscodeJob.objects.filter(source__sha256__in=source_hashes, state=TranscodeJob.State.PUBLISHED)
    published: dict[str, list[tuple[str, datetime | None]]] = {}
    for sha256, version, ended in jobs.order_by("pk").values_list("source__sha256", "preset_version", "finished_at"):
        published.setdefault(sha256, []).append((version, ended))
    found = {row.pk: row for rows in served(source_hashes).values() for row in rows}
    again = Rendition.objects.filter(source__sha256__in=source_hashes).select_related("source")
    for row in again if any(len(ladders) > 1 for ladders in published.values()) else ():
        if row.preset_version in kept_versions(published.get(row.source.sha256, ()), now):
            found[row.pk] = row
    return list(found.values())


def outlived(now: datetime) -> QuerySet[Rendition]:
    """Renditions that were replaced `GRACE` ago or earlier and whose bytes the source serves no more.

    Those of a re-encode that is under way, or came to nothing, are none of them.
    """
    newest = _published()
    rows = Rendition.objects.annotate(
        replaced_at=Subquery(newest.values("finished_at")[:1]),
        replaced_by=Subquery(newest.values("pk")[:1]),
        served_version=Subquery(newest.values("preset_version")[:1]),
    )
    own_job = TranscodeJob.objects.filter(source=OuterRef("source"), preset_version=OuterRef("preset_version"))
    twin = Rendition.objects.filter(
        source=OuterRef("source"), sha256=OuterRef("sha256"), preset_version=OuterRef("served_version")
    )
    replaced = rows.filter(Exists(own_job.filter(pk__lt=OuterRef("replaced_by"))), replaced_at__lte=now - GRACE)
    return replaced.exclude(Exists(twin))


def forget(rows: QuerySet[Rendition]) -> int:
    """Delete rows of outlived renditions, so that their objects can be collected; how many."""
    gone = list(rows.values_list("pk", flat=True))
    return Rendition.objects.filter(pk__in=gone).delete()[0]


def _published() -> QuerySet[TranscodeJob]:
    jobs = TranscodeJob.objects.filter(source=OuterRef("source"), state=TranscodeJob.State.PUBLISHED)
    return jobs.order_by("-pk")


def _with_version(rows: QuerySet[Rendition]) -> QuerySet[Rendition]:
    """The rows in the order in which they were made, with the ladder of the source's newest published job."""
    version = Subquery(_published().values("preset_version")[:1])
    return rows.select_related("source").annotate(published_version=version).order_by("pk")
