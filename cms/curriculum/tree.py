"""Walking the curriculum's tree by its paths: outline → unit → lesson, without a query for each step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

STEP = 4
"""Characters of one level in a tree path (treebeard's materialised path, Wagtail's default)."""


class HasPath(Protocol):
    """A page, or whatever else knows its place in the tree."""

    path: str


Placed = TypeVar("Placed", bound=HasPath)


def parent_path(path: str, *, levels: int = 1) -> str:
    """The path of the parent, or of an ancestor further up."""
    return path[: -levels * STEP]


def by_parent(pages: Iterable[Placed]) -> dict[str, list[Placed]]:
    """The pages in tree order, by the path of their parent; pages of several kinds may be given together."""
    found: dict[str, list[Placed]] = {}
    for page in sorted(pages, key=lambda page: page.path):
        found.setdefault(parent_path(page.path), []).append(page)
    return found
