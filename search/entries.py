"""From stored documents to what an engine takes in."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from search.backends.base import IndexEntry, SegmentEntry
from search.models import SearchDocument


def entry_of(document: SearchDocument) -> IndexEntry:
    """The entry of one document with its segments."""
    segments = tuple(SegmentEntry(each.pk, each.text) for each in document.segments.all())
    return IndexEntry(
        document_id=document.pk,
        version=document.version,
        access_tokens=tuple(document.access_tokens),
        title=document.title,
        summary=document.summary,
        body=document.body,
        teachers=document.teachers,
        segments=segments,
    )


def entries_of(document_ids: Collection[int]) -> Iterator[IndexEntry]:
    """The entries of those documents that still exist."""
    documents = SearchDocument.objects.filter(pk__in=document_ids).prefetch_related("segments")
    return (entry_of(document) for document in documents)
