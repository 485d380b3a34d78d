"""Making Elasticsearch's index anew while searches and changes go on (see `elastic_indices`)."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from search.backends.base import IndexEntry, RebuildFailed
from search.backends.elastic_documents import FAMILIES
from search.backends.elastic_indices import BEAT_EVERY_S
from search.entries import entries_of
from search.models import SearchDocument, SearchOutbox

if TYPE_CHECKING:
    from search.backends.elastic import ElasticBackend

logger = logging.getLogger(__name__)

BATCH = 200
PASSES = 5
"""How often what differs is written again before the rebuild gives up."""


class RebuildIncomplete(RebuildFailed):
    """The new index does not hold what the database holds; the one before goes on being read."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a rebuild has made."""

    generation: int
    documents: int
    checksum: str
    seconds: float


def checksum(versions: Mapping[int, int]) -> str:
    """One value for all documents with their versions: equal where and only where those are."""
    lines = "".join(f"{document_id}:{version}\n" for document_id, version in sorted(versions.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def stored_versions() -> dict[int, int]:
    """Document id → version in the database."""
    return dict(SearchDocument.objects.values_list("pk", "version"))


def renew(backend: ElasticBackend, entries: Iterable[IndexEntry]) -> Renewed:
    """Fill a new generation, compare it with the database, and let it be read.

    Args:
        backend: whose index is made anew.
        entries: of every stored document.

    Raises:
        RebuildRunning: another process is at it.
        RebuildIncomplete: the new one is not what the database has.
        EngineUnavailable: the cluster went away.
    """
    started = time.monotonic()
    number = backend.indices.begin()
    try:
        _write(backend, number, entries)
        have = _compared(backend, number)
        backend.indices.finish(number)
    except BaseException:
        backend.indices.remove([number])
        raise
    made = Renewed(number, len(have), checksum(have), time.monotonic() - started)
    logger.info("Elasticsearch reads from %s", made)
    return made


def _write(backend: ElasticBackend, number: int, entries: Iterable[IndexEntry]) -> None:
    """Write them, and tell now and then that this process is still at it."""
    left = iter(entries)
    beat_at = 0.0
    while batch := list(islice(left, BATCH)):
        if time.monotonic() > beat_at:
            backend.indices.beat(number)
            beat_at = time.monotonic() + BEAT_EVERY_S
        backend.write(batch, (), generation=number, patient=True)


def _compared(backend: ElasticBackend, number: int) -> dict[int, int]:
    """The versions in the new generation, once they are those of the database or newer."""
    for _pass in range(PASSES):
        have = [backend.versions(generation=number, family=family) for family in FAMILIES]
        want = stored_versions()
        behind = {each for each, version in want.items() if any(one.get(each, 0) < version for one in have)}
        gone = {each for one in have for each in one if each not in want}
        if not behind and not gone and len(want) == len(have[0]):
            return have[0]
        _write(backend, number, entries_of(behind))
        backend.write((), sorted(gone), generation=number)
    on_their_way = set(SearchOutbox.objects.filter(is_sent=False).values_list("document_id", flat=True))
    if (behind | gone) <= on_their_way:
        return have[0]
    raise RebuildIncomplete(f"{len(behind)} documents are missing or old, {len(gone)} should be gone")
