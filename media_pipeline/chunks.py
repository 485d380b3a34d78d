"""Where encoded chunks are remembered, and who makes which: a shelf shared by all workers, or one of a single run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from media_pipeline.models import EncodedChunk, Rendition


def chunk_key(frames_sha256: str, encoding: dict[str, Any], size: tuple[int, int], rate: str, build: str) -> str:
    """The identity of a chunk's encode: decoded frames, plan and encoder build (media.md §4)."""
    said = [frames_sha256, sorted((name, str(value)) for name, value in encoding.items()), list(size), rate, build]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Stored:
    """Fragments `first` to `first + count` of an object."""

    object_sha256: str
    first: int
    count: int


@dataclass
class ChunkCount:
    """Chunks of all rungs, or pieces of sound: how many there are, were encoded here and were there already."""

    total: int = 0
    encoded: int = 0
    reused: int = 0

    def as_json(self) -> dict[str, int]:
        """For `TranscodeJob.plan`."""
        return {"total": self.total, "encoded": self.encoded, "reused": self.reused}


class Shelf(Protocol):
    """What workers share about chunks. Keys that nobody holds and nobody made are free."""

    def find(self, keys: Collection[str]) -> dict[str, Stored]:
        """The chunks that are made."""

    def claim(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys that this worker may make now; nobody else will meanwhile."""

    def renew(self, keys: Sequence[str]) -> None:
        """Go on holding claims."""

    def put(self, key: str, stored: Stored) -> None:
        """A chunk is made, or lies somewhere else now."""

    def release(self, keys: Sequence[str]) -> None:
        """Give claims back that came to nothing."""

    def forget(self, key: str) -> None:
        """The chunk's object is gone."""

    def is_held(self, object_sha256: str) -> bool:
        """Whether any chunk lies in the object, or it is something else that is served."""


class MemoryShelf:
    """The shelf of one run that shares nothing: `manage.py transcode`."""

    def __init__(self) -> None:
        self._stored: dict[str, Stored] = {}

    def find(self, keys: Collection[str]) -> dict[str, Stored]:
        """See `Shelf`."""
        return {key: self._stored[key] for key in keys if key in self._stored}

    def claim(self, keys: Sequence[str]) -> list[str]:
        """See `Shelf`."""
        return list(keys)

    def renew(self, keys: Sequence[str]) -> None:
        """See `Shelf`."""

    def put(self, key: str, stored: Stored) -> None:
        """See `Shelf`."""
        self._stored[key] = stored

    def release(self, keys: Sequence[str]) -> None:
        """See `Shelf`."""

    def forget(self, key: str) -> None:
        """See `Shelf`."""
        self._stored.pop(key, None)

    def is_held(self, object_sha256: str) -> bool:
        """See `Shelf`."""
        return any(stored.object_sha256 == object_sha256 for stored in self._stored.values())


class DatabaseShelf:
    """The shelf of an installation: rows of `EncodedChunk`, claims with a time after which they count no more.

    Args:
        owner: this worker, for people who look into the table.
        claim_for: how long a claim lives after it was made or renewed.
    """

    def __init__(self, owner: str, claim_for: timedelta) -> None:
        self._owner = owner
        self._claim_for = claim_for

    def find(self, keys: Collection[str]) -> dict[str, Stored]:
        """See `Shelf`."""
        rows = EncodedChunk.objects.filter(key__in=keys).exclude(object_sha256="")
        return {row.key: Stored(row.object_sha256, row.first_fragment, row.fragments) for row in rows}

    def claim(self, keys: Sequence[str]) -> list[str]:
        """See `Shelf`."""
        now = timezone.now()
        mine = {"owner": self._owner, "claimed_until": now + self._claim_for}
        EncodedChunk.objects.bulk_create([EncodedChunk(key=key) for key in keys], ignore_conflicts=True)
        return [key for key in keys if self._free(now).filter(key=key).update(**mine)]

    @staticmethod
    def _free(now: datetime) -> Any:
        held = Q(claimed_until__gt=now)
        return EncodedChunk.objects.filter(object_sha256="").exclude(held)

    def renew(self, keys: Sequence[str]) -> None:
        """See `Shelf`."""
        rows = EncodedChunk.objects.filter(key__in=keys, owner=self._owner, object_sha256="")
        rows.update(claimed_until=timezone.now() + self._claim_for)

    def put(self, key: str, stored: Stored) -> None:
        """See `Shelf`."""
        EncodedChunk.objects.update_or_create(
            key=key,
            defaults={
                "object_sha256": stored.object_sha256,
                "first_fragment": stored.first,
                "fragments": stored.count,
                "owner": "",
                "claimed_until": None,
            },
        )

    def release(self, keys: Sequence[str]) -> None:
        """See `Shelf`."""
        with transaction.atomic():
            EncodedChunk.objects.filter(key__in=keys, owner=self._owner, object_sha256="").delete()

    def forget(self, key: str) -> None:
        """See `Shelf`."""
        EncodedChunk.objects.filter(key=key).delete()

    def is_held(self, object_sha256: str) -> bool:
        """See `Shelf`."""
        if EncodedChunk.objects.filter(object_sha256=object_sha256).exists():
            return True
        # A later version may take over every chunk of an earlier one, whose rung is served all the same.
        return Rendition.objects.filter(sha256=object_sha256).exists()
