"""Writing the index: one transaction holds the document, its segments and the engine's own rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from search.engine import current_backend
from search.entries import entries_of
from search.models import SearchDocument, SearchSegment
from search.registry import Draft, Source, sources
from search.segments import body_and_rest, fingerprint, segment_rows

BATCH = 200


@transaction.atomic
def index_material(source: Source, material_id: UUID) -> list[SearchDocument]:
    """Make everything of a material findable that somebody may find now, and nothing else. Safe to repeat."""
    with translation.override(settings.LANGUAGE_CODE):  # plain addresses, whatever language the editor reads in
        versions = source.versions(material_id)
    stored = {(row.language, row.is_draft): row for row in SearchDocument.objects.filter(material_id=material_id)}
    documents = []
    for version in versions:
        document = stored.pop((version.language, version.is_draft), None)
        documents.append(_store(document or _new_document(material_id, version), version))
    _forget(stored.values())
    current_backend().put_all(entries_of([document.pk for document in documents]))
    return documents


@transaction.atomic
def withdraw_material(material_id: UUID, *, language: str | None = None) -> None:
    """Take a material out of the index, in every language or in one."""
    documents = SearchDocument.objects.filter(material_id=material_id)
    _forget(documents if language is None else documents.filter(language=language))


def _forget(documents: Iterable[SearchDocument]) -> None:
    document_ids = [document.pk for document in documents]
    if document_ids:
        SearchDocument.objects.filter(pk__in=document_ids).delete()
        current_backend().remove(document_ids)


def _new_document(material_id: UUID, draft: Draft) -> SearchDocument:
    return SearchDocument(material_id=material_id, language=draft.language, is_draft=draft.is_draft, version=0)


def _store(document: SearchDocument, draft: Draft) -> SearchDocument:
    """Write the row and, where they are others than before, its segments."""
    body, passages = body_and_rest(draft)
    document.kind = draft.kind
    document.url = draft.url[:400]
    document.title = draft.title[:300]
    document.summary = draft.summary
    document.body = body
    document.teachers = draft.teachers[:300]
    document.facets = dict(draft.facets)
    document.access_tokens = list(draft.access_tokens)
    document.published_at = draft.published_at
    document.version += 1
    rows = segment_rows(document, draft.transcripts, passages)
    told = fingerprint(rows)
    segments_changed = told != document.segments_sha256
    if segments_changed:
        document.segments_sha256, document.segments_version = told, document.version
    document.save()
    if segments_changed:
        document.segments.all().delete()
        SearchSegment.objects.bulk_create(rows, batch_size=BATCH)
    return document


def rebuild() -> int:
    """Index everything anew while searches go on; returns how many materials somebody can find."""
    kept: set[UUID] = set()
    for source in sources():
        for material_id in source.material_ids():
            if index_material(source, material_id):
                kept.add(material_id)
    for material_id in set(SearchDocument.objects.values_list("material_id", flat=True)) - kept:
        withdraw_material(material_id)
    reconcile()
    return len(kept)


def reconcile() -> int:
    """Bring the engine in line with the stored documents; returns how many it had wrong."""
    backend = current_backend()
    backend.prepare()
    have = backend.versions()
    want = dict(SearchDocument.objects.values_list("pk", "version"))
    stale = [document_id for document_id in have if document_id not in want]
    changed = [document_id for document_id, version in want.items() if have.get(document_id) != version]
    with transaction.atomic():
        backend.remove(stale)
        for first in range(0, len(changed), BATCH):
            backend.put_all(entries_of(changed[first : first + BATCH]))
    return len(stale) + len(changed)


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Counts that must agree; `wrong` documents differ between the database and the engine."""

    documents: int
    segments: int
    findable: int
    wrong: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def index_status() -> IndexStatus:
    """What the index holds now."""
    backend = current_backend()
    backend.prepare()
    have = backend.versions()
    want = dict(SearchDocument.objects.values_list("pk", "version"))
    return IndexStatus(
        documents=len(want),
        segments=SearchSegment.objects.count(),
        findable=len(have),
        wrong=len(set(have.items()) ^ set(want.items())),
    )
