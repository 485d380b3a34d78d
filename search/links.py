"""Addresses of searches. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

MAX_PAGE = 100


def address(query: str, filters: Mapping[str, Sequence[str]], page: int = 1) -> str:
    """The query string that asks for this search."""
    pairs = [("q", query), *((facet, value) for facet, values in filters.items() for value in values)]
    return "?" + urlencode([*pairs, ("page", str(page))] if page > 1 else pairs)


def page_number(text: str) -> int:
    """The page that an address asks for; anything that is not a small number is the first."""
    return min(int(text), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1
