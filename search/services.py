"""Writing the index: one transaction holds the document, its segments and what tells the engines."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from search import engine
from search.backends.base import IndexEntry, SearchBackend
from search.entries import entries_of
from search.extraction import shelf
from search.models import SearchDocument, SearchSegment
from search.outbox import announce
from search.registry import Draft, Source, source_of_kind, sources
from search.segments import body_and_rest, fingerprint, segment_rows

log = logging.getLogger(__name__)

BATCH = 200
AT_ONCE = 50
"""Materials that one change touches and that are indexed with it; what is more is left to a task."""


@transaction.atomic
def index_material(source: Source, material_id: UUID) -> list[SearchDocument]:
    """Make everything of a material findable that somebody may find now, and nothing else. Safe to repeat."""
    with translation.override(settings.LANGUAGE_CODE):  # plain addresses, whatever language the editor reads in
        versions = source.versions(material_id)
    stored = {(row.language, row.is_draft): row for row in SearchDocument.objects.filter(material_id=material_id)}
    documents: list[SearchDocument] = []
    changed: list[int] = []
    for version in versions:
        key = version.language, version.is_draft
        document = stored.pop(key, None) or SearchDocument(
            material_id=material_id, language=version.language, is_draft=version.is_draft, version=0
        )
        if _store(document, version):
            changed.append(document.pk)
        documents.append(document)
    announce([*changed, *_delete(stored.values())])
    return documents


def withdraw_material(material_id: UUID, *, language: str | None = None) -> None:
    """Take a material out of the index, in every language or in one."""
    documents = SearchDocument.objects.filter(material_id=material_id)
    with transaction.atomic():
        announce(_delete(documents if language is None else documents.filter(language=language)))


def _delete(documents: Iterable[SearchDocument]) -> list[int]:
    document_ids = [document.pk for document in documents]
    if document_ids:
        SearchDocument.objects.filter(pk__in=document_ids).delete()
    return document_ids


def _store(document: SearchDocument, draft: Draft) -> bool:
    """Write the row and, where they are others than before, its segments; whether anything is another."""
    body, passages = body_and_rest(draft)
    pages = shelf.passages(draft.files, document.material_id, draft.language)
    rows = segment_rows(document, draft.transcripts, [*passages, *pages])
    told: dict[str, Any] = {
        "kind": draft.kind,
        "url": draft.url[:400],
        "title": draft.title[:300],
        "summary": draft.summary,
        "body": body,
        "teachers": draft.teachers[:300],
        "facets": dict(draft.facets),
        "access_tokens": list(draft.access_tokens),
        "published_at": draft.published_at,
        "segments_sha256": fingerprint(rows),
        "characters": len(draft.summary) + len(body) + sum(len(row.text) for row in rows),
    }
    if all(getattr(document, name) == value for name, value in told.items()):
        return False
    segments_changed = told["segments_sha256"] != document.segments_sha256
    for name, value in told.items():
        setattr(document, name, value)
    document.version += 1
    if segments_changed:
        document.segments_version = document.version
    document.save()
    if segments_changed:
        document.segments.all().delete()
        SearchSegment.objects.bulk_create(rows, batch_size=BATCH)
    return True


def index_all(material_ids: Iterable[UUID | str]) -> int:
    """Bring the documents of materials up to date, whatever family they belong to; returns how many."""
    wanted = [UUID(str(each)) for each in material_ids]
    for material_id in wanted:
        source = _family(material_id)
        if source is None:
            withdraw_material(material_id)
        else:
            index_material(source, material_id)
    return len(wanted)


def _family(material_id: UUID) -> Source | None:
    kind = SearchDocument.objects.filter(material_id=material_id).values_list("kind", flat=True).first()
    known = source_of_kind(kind) if kind is not None else None
    return known or next((source for source in sources() if source.versions(material_id)), None)


def index_touched(material_ids: Collection[UUID]) -> None:
    """Index what a change touches beyond itself: a few at once, many by a task after the commit."""
    wanted = list(dict.fromkeys(material_ids))
    index_all(wanted[:AT_ONCE])
    for first in range(AT_ONCE, len(wanted), BATCH):
        later = [str(each) for each in wanted[first : first + BATCH]]
        transaction.on_commit(lambda later=later: _enqueue(later), robust=True)  # type: ignore[misc]


def _enqueue(material_ids: list[str]) -> None:
    from search.tasks import index_materials

    index_materials.enqueue(material_ids)


def take_over(document_ids: Collection[int]) -> int:
    """Write documents into the index in the main database, however long they are; returns how many."""
    if not engine.main_database_holds_index():
        return 0
    with transaction.atomic():
        return engine.embedded_backend().put_all(entries_of(document_ids))


def refresh_documents() -> int:
    """Bring every stored document in line with its material; returns how many materials somebody can find."""
    kept: set[UUID] = set()
    for source in sources():
        for material_id in list(source.material_ids()):
            if index_material(source, material_id):
                kept.add(material_id)
    for material_id in set(SearchDocument.objects.values_list("material_id", flat=True)) - kept:
        withdraw_material(material_id)
    return len(kept)


def rebuild(backends: Collection[SearchBackend] | None = None) -> int:
    """Documents and indexes anew, while searches go on; returns how many materials somebody can find."""
    found = refresh_documents()
    for backend in engine.backends() if backends is None else backends:
        rebuild_index(backend)
    return found


def rebuild_index(backend: SearchBackend) -> int:
    """One engine's index anew from the stored documents; returns how many documents it has."""
    backend.prepare()
    return backend.rebuild(every_entry())


def every_entry() -> Iterator[IndexEntry]:
    """The entry of each stored document, read in batches."""
    last = 0
    while batch := list(SearchDocument.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield from entries_of(batch)
        last = batch[-1]


def reconcile(backends: Collection[SearchBackend] | None = None) -> int:
    """Bring the engines in line with the stored documents; returns how many they had wrong."""
    return sum(_reconcile(backend) for backend in (engine.backends() if backends is None else backends))


def _reconcile(backend: SearchBackend) -> int:
    backend.prepare()
    have = backend.versions()
    want = dict(SearchDocument.objects.values_list("pk", "version"))
    stale = [document_id for document_id in have if document_id not in want]
    changed = [document_id for document_id, version in want.items() if have.get(document_id) != version]
    backend.remove(stale)
    for first in range(0, len(changed), BATCH):
        with transaction.atomic():
            backend.put_all(entries_of(changed[first : first + BATCH]))
    if stale or changed:
        log.info("%s: %s documents taken out, %s taken in", type(backend).__name__, len(stale), len(changed))
    return len(stale) + len(changed)
