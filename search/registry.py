"""Where a higher room registers what of it can be found.

Search knows the CMS. Packages and whatever else lies above search register a `Source` in their
`AppConfig.ready`, and send `search.services.index_material` or `withdraw_material` when something changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from search.windows import SpokenCue

PUBLIC = "public"
"""The access token of what everybody may read."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything said in one language."""

    language: str
    cues: tuple[SpokenCue, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A findable material as its source describes it; raw text, never HTML."""

    kind: str
    url: str
    title: str
    summary: str = ""
    body: str = ""
    teachers: str = ""
    language: str = "zh-hans"
    access_tokens: tuple[str, ...] = (PUBLIC,)
    facets: Mapping[str, Any] = field(default_factory=dict)
    published_at: datetime | None = None
    transcripts: tuple[Transcript, ...] = ()


class Source(ABC):
    """A family of materials. `kinds` maps each kind it makes to its label for people (lazy text is fine)."""

    kinds: Mapping[str, Any]
    models: tuple[type[Model], ...]

    @abstractmethod
    def draft(self, material_id: UUID) -> Draft | None:
        """The material as it is public now, or None when it is not."""

    @abstractmethod
    def material_ids(self) -> Iterable[UUID]:
        """Every material of the family that may be public: what a rebuild visits."""

    @abstractmethod
    def visible(self, material_ids: Collection[UUID]) -> set[UUID]:
        """Which of them everybody may read at this moment: asked again before a hit is shown."""


_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a family. A second registration of the same class replaces the first (apps may load twice)."""
    _sources[:] = [each for each in _sources if type(each) is not type(source)] + [source]


def sources() -> tuple[Source, ...]:
    """All families, in the order of their registration."""
    return tuple(_sources)


def source_of(model: type[Model]) -> Source | None:
    """The family that a model's instances belong to."""
    return next((each for each in _sources if issubclass(model, each.models)), None)


def source_of_kind(kind: str) -> Source | None:
    """The family that makes documents of this kind."""
    return next((each for each in _sources if kind in each.kinds), None)


def kind_label(kind: str) -> str:
    """A kind's name for people; the kind itself when its family is gone."""
    source = source_of_kind(kind)
    return str(source.kinds[kind]) if source else kind
