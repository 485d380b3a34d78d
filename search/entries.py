"""From stored documents to what an engine takes in."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from search.backends.base import FACETS, IndexEntry, SegmentEntry
from search.models import SearchDocument
from search.segments import LARGE_CHARACTERS


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
        material=f"{document.material_id}{' draft' if document.is_draft else ''}",
        language=document.language,
        facets=_facets(document),
        published_s=int(document.published_at.timestamp()) if document.published_at else 0,
    )


def _facets(document: SearchDocument) -> dict[str, tuple[str, ...]]:
    """The stored facets by the port's names, kind and language among them; what a document lacks is left out."""
    own = {facet: document.facets.get(facet) for facet in FACETS}
    own |= {"kind": document.kind, "language": own["language"] or document.language}
    return {
        facet: tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        for facet, value in own.items()
        if value not in (None, "", [])
    }


def entries_of(document_ids: Collection[int]) -> Iterator[IndexEntry]:
    """The entries of those documents that still exist."""
    documents = SearchDocument.objects.filter(pk__in=document_ids).prefetch_related("segments")
    return (entry_of(document) for document in documents)


def large_among(document_ids: Collection[int]) -> set[int]:
    """Those whose text takes more than a moment to index."""
    documents = SearchDocument.objects.filter(pk__in=list(document_ids), characters__gt=LARGE_CHARACTERS)
    return set(documents.values_list("pk", flat=True))
