"""What else there is on the subject of a material: whatever shares telling words with its title."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from search.access import reading_tokens, visible_documents
from search.backends.base import Request
from search.engine import current_backend
from search.models import SearchDocument
from search.query import Query, parse
from search.results import Result
from search.selectors import page_of

MOST = 6
_MOST_WORDS = 12


def subject_of(title: str) -> Query:
    """A query for any of the telling words of a title. Pure."""
    words = [each for word in parse(title).telling[:_MOST_WORDS] for each in parse(word).parts[:1]]
    return Query(title, (replace(words[0], alternatives=tuple(words[1:])),)) if words else Query(title, ())


def material(material_id: UUID, user: Any) -> SearchDocument | None:
    """A published material that the person may read."""
    documents = SearchDocument.objects.filter(material_id=material_id, is_draft=False).order_by("pk")
    tokens = set(reading_tokens(user))
    return next(iter(visible_documents([each for each in documents if tokens & set(each.access_tokens)], user)), None)


def related(document: SearchDocument, *, language: str, user: Any) -> list[Result]:
    """At most `MOST` other materials that the person may read, the nearest first; people are no material."""
    request = Request(subject_of(document.title), reading_tokens(user), {}, language, ("kind",))
    hits = current_backend().search(request)
    found = page_of(request, hits, user, 1, MOST + 1)
    others = (each for each in found.results if each.material_id != document.material_id)
    return [replace(each, segments=()) for each in others][:MOST]
