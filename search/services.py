"""Writing the index: one transaction holds the document, its segments and the engine's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from search.engine import current_backend
from search.entries import entries_of, entry_of
from search.models import SearchDocument, SearchSegment
from search.registry import Draft, Source, Transcript, sources
from search.windows import windows

BATCH = 200


@transaction.atomic
def index_material(source: Source, material_id: UUID) -> SearchDocument | None:
    """Make a material findable as it is public now, or take it out when it is not. Safe to repeat."""
    with translation.override(settings.LANGUAGE_CODE):  # plain addresses, whatever language the editor reads in
        draft = source.draft(material_id)
    if draft is None:
        withdraw_material(material_id)
        return None
    document = _store(material_id, draft)
    document.segments.all().delete()
    SearchSegment.objects.bulk_create(_segments(document, draft.transcripts))
    current_backend().put(entry_of(document))
    return document


@transaction.atomic
def withdraw_material(material_id: UUID) -> None:
    """Take a material out of the index, in every language."""
    document_ids = list(SearchDocument.objects.filter(material_id=material_id).values_list("pk", flat=True))
    if document_ids:
        SearchDocument.objects.filter(pk__in=document_ids).delete()
        current_backend().remove(document_ids)


def _store(material_id: UUID, draft: Draft) -> SearchDocument:
    document = SearchDocument.objects.filter(material_id=material_id, language=draft.language).first()
    if document is None:
        document = SearchDocument(material_id=material_id, language=draft.language, version=0)
    document.kind = draft.kind
    document.url = draft.url[:400]
    document.title = draft.title[:300]
    document.summary = draft.summary
    document.body = draft.body
    document.teachers = draft.teachers[:300]
    document.facets = dict(draft.facets)
    document.access_tokens = list(draft.access_tokens)
    document.published_at = draft.published_at
    document.version += 1
    document.save()
    return document


def _segments(document: SearchDocument, transcripts: Sequence[Transcript]) -> list[SearchSegment]:
    return [
        SearchSegment(
            document=document,
            language=transcript.language,
            start_s=window.start_s,
            end_s=window.end_s,
            text=window.text,
            cues=[list(cue) for cue in window.cues],
        )
        for transcript in transcripts
        for window in windows(transcript.cues)
    ]


def rebuild() -> int:
    """Index everything anew while searches go on; returns how many materials are findable."""
    kept: set[UUID] = set()
    for source in sources():
        for material_id in source.material_ids():
            if index_material(source, material_id) is not None:
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
