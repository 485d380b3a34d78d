"""Keeping and forgetting searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from search.query import clean
from search.saved.errors import TooManySaved
from search.saved.models import SavedSearch

MOST = 50
NAME_CHARACTERS = 60


def save_search(*, user: Any, name: str, query: str, filters: Mapping[str, Sequence[str]]) -> SavedSearch:
    """Keep a search under a name, in the place of an older one of that name. Raises TooManySaved."""
    title = (clean(name) or clean(query))[:NAME_CHARACTERS]
    own = SavedSearch.objects.filter(user=user)
    if not own.filter(name=title).exists() and own.count() >= MOST:
        raise TooManySaved(most=MOST)
    values = {"query": clean(query), "filters": {facet: list(each) for facet, each in filters.items()}}
    return SavedSearch.objects.update_or_create(user=user, name=title, defaults=values)[0]


def forget_search(*, user: Any, pk: int) -> None:
    """Forget one's own search; another's, or none, is no error."""
    SavedSearch.objects.filter(user=user, pk=pk).delete()
