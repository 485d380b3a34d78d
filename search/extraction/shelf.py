"""What was read of files, kept by the hash of their bytes: who asks first has it read, all others find it there."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cms.lessons.languages import guess
from media_pipeline.objects import default_store
from search.extraction.errors import CLASSES, FileTooCostly, TextError
from search.extraction.reading import read_pages
from search.models import ExtractedText
from search.registry import AttachedFile, Passage

log = logging.getLogger(__name__)

MAX_TRIES = 3
"""A file that took its reader down so often is left alone."""
ASKED_AGAIN_AFTER = timedelta(minutes=10)
State = ExtractedText.State


def passages(files: Iterable[AttachedFile], material_id: UUID, language: str) -> list[Passage]:
    """The pages of the files that have been read; the others are asked for, and the material indexed again then."""
    found: list[Passage] = []
    for file in files:
        shelved = _shelved(file, material_id)
        for number, text in shelved.pages:
            found.append(
                Passage(
                    text,
                    language=guess(file.name, text[:2000]) or language,
                    page=number,
                    title=file.title,
                    url=f"{file.url}#page={number}" if number and file.has_page_addresses else file.url,
                )
            )
    return found


def unread(files: Iterable[AttachedFile]) -> list[tuple[str, TextError]]:
    """The titles of those files whose words cannot be found, and why."""
    titles = {file.sha256: file.title or file.name for file in files}
    rows = ExtractedText.objects.filter(sha256__in=titles, state=State.FAILED).order_by("pk")
    return [(titles[row.sha256], CLASSES.get(row.error, TextError)()) for row in rows]


def _shelved(file: AttachedFile, material_id: UUID) -> ExtractedText:
    shelved, is_new = ExtractedText.objects.get_or_create(
        sha256=file.sha256, defaults={"name": file.name[:255], "asked_by": [str(material_id)]}
    )
    if is_new:
        transaction.on_commit(lambda: _dispatch(file.sha256), robust=True)
    elif shelved.state == State.WAITING and str(material_id) not in shelved.asked_by:
        shelved.asked_by = [*shelved.asked_by, str(material_id)]
        shelved.save(update_fields=["asked_by"])
    return shelved


def _dispatch(sha256: str) -> None:
    from search.tasks import extract

    extract.enqueue(sha256)


def extract(sha256: str, *, now: datetime | None = None) -> str:
    """Read one file and index the materials that wait for it; returns its state afterwards."""
    now = now or timezone.now()
    free = Q(begun_at=None) | Q(begun_at__lt=now - ASKED_AGAIN_AFTER)
    waiting = ExtractedText.objects.filter(free, sha256=sha256, state=State.WAITING)
    if not waiting.update(begun_at=now, tries=F("tries") + 1):
        return "left alone"
    row = ExtractedText.objects.get(sha256=sha256)
    try:
        if row.tries > MAX_TRIES:
            raise FileTooCostly
        with default_store().local_file(sha256) as path:
            row.pages, row.state = [list(page) for page in read_pages(path)], State.DONE
    except TextError as error:
        log.info("%s (%s): %s", row.name, sha256, error.code)
        row.error, row.state = error.code, State.FAILED
    row.save(update_fields=["pages", "state", "error"])
    if row.state == State.DONE:
        from search.services import index_all

        asked_by = ExtractedText.objects.values_list("asked_by", flat=True).get(pk=row.pk)
        index_all(asked_by)
    return str(row.state)


def ask_again(now: datetime | None = None) -> int:
    """Ask anew for files whose reader never came back; returns how many."""
    now = now or timezone.now()
    lost = ExtractedText.objects.filter(
        Q(begun_at=None) | Q(begun_at__lt=now - ASKED_AGAIN_AFTER),
        state=State.WAITING,
        asked_at__lt=now - ASKED_AGAIN_AFTER,
    )
    hashes = list(lost.values_list("sha256", flat=True)[:100])
    for sha256 in hashes:
        _dispatch(sha256)
    ExtractedText.objects.filter(sha256__in=hashes).update(asked_at=now)
    return len(hashes)
