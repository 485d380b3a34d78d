"""What a search gives: values for pages, for programs and for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """A place in a lecture (`start_s`, label 12:31) or an attachment (`page`, from 1), marked HTML and an address."""

    start_s: float | None
    page: int | None
    label: str
    html: str
    url: str


@dataclass(frozen=True, slots=True)
class Version:
    """The same material in another language."""

    language: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Result:
    """One material found; the `_html` values are escaped and marked."""

    material_id: UUID
    kind: str
    kind_label: str
    title: str
    title_html: str
    summary_html: str
    url: str
    segments: tuple[SegmentResult, ...]
    language: str = "zh-hans"
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of results. `relaxed`: nothing has all of the words, these have some of them; of a single word
    (`is_one_word`) its characters.

    `facets`: facet → value → materials. `hidden`: at zero results, facet → materials that come back without that
    facet's filter, and `hidden_by_all` those that come back without any. `suggestions`: what was perhaps meant, whole
    queries that find something. `capped`: there are more hits than anybody
    looks at, `total` is a lower bound. `degraded`: another engine stood in.
    """

    query: str
    results: tuple[Result, ...]
    total: int
    page: int
    pages: int
    relaxed: bool
    is_one_word: bool = False
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    hidden: Mapping[str, int] = field(default_factory=dict)
    hidden_by_all: int = 0
    suggestions: tuple[str, ...] = ()
    capped: bool = False
    degraded: bool = False

    @property
    def has_nothing(self) -> bool:
        """Whether nothing is found, even without the filters."""
        return not self.total and not self.hidden_by_all

    @property
    def neighbours(self) -> dict[str, int]:
        """The numbers of the pages before and after, where there are any."""
        near = {"previous": self.page - 1, "next": self.page + 1}
        return {name: number for name, number in near.items() if 1 <= number <= self.pages}
