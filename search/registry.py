"""Where a higher room registers what of it can be found.

Search knows the CMS. Packages and whatever else lies above search register a `Source` in their
`AppConfig.ready`, and send `search.services.index_material` or `withdraw_material` when something changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from search.windows import SpokenCue

PUBLIC = "public"
"""The access token of what everybody may read."""


Version = tuple[UUID, str]
"""A material in one language."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything said in one language."""

    language: str
    cues: tuple[SpokenCue, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of writing that a hit leads to: a page of an attachment, or a part of a long text.

    `url` is where it stands; empty: at the material's own address.
    """

    text: str
    kind: str = "page"
    language: str = "zh-hans"
    page: int | None = None
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that goes with a material, in the object store; its words are found once they have been read.

    `has_page_addresses`: whatever opens `url` follows `#page=3`.
    """

    sha256: str
    name: str
    title: str
    url: str
    has_page_addresses: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A findable material as its source describes it; raw text, never HTML.

    `facets` holds codes by the names of `search.backends.base.FACETS`, one or a list of them; kind and language need
    no entry of their own, `language` lists in which ones it can be heard or read. `access_tokens`: whoever holds one
    of them may find it (search/access.py). `is_draft`: it is not published.
    """

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
    passages: tuple[Passage, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    is_draft: bool = False


class Source(ABC):
    """A family of materials. `kinds` maps each kind it makes to its label for people (lazy text is fine)."""

    kinds: Mapping[str, Any]
    models: tuple[type[Model], ...]

    @abstractmethod
    def draft(self, material_id: UUID) -> Draft | None:
        """The material as it is public now, or None when it is not."""

    def versions(self, material_id: UUID) -> Sequence[Draft]:
        """Everything of the material that somebody may find: in each language as published, and as it is edited."""
        published = self.draft(material_id)
        return [] if published is None else [published]

    @abstractmethod
    def material_ids(self) -> Iterable[UUID]:
        """Every material of the family of which there may be a version: what a rebuild visits."""

    @abstractmethod
    def visible(self, material_ids: Collection[UUID]) -> set[UUID]:
        """Which of them everybody may read at this moment: asked again before a hit is shown."""

    def visible_to(self, user: Any, versions: Collection[Version]) -> set[Version]:
        """Which of these this person may read as published at this moment."""
        visible = self.visible({material_id for material_id, _language in versions})
        return {version for version in versions if version[0] in visible}

    def drafts_visible_to(self, user: Any, versions: Collection[Version]) -> set[Version]:
        """Of which of these this person may see at this moment what is not published."""
        return set()


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
