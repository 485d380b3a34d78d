"""Whether the index is whole: counts that must agree, and how far the engines are behind."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from search import engine, outbox
from search.backends.base import EngineUnavailable, SearchBackend
from search.models import ExtractedText, SearchDocument, SearchSegment


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """`findable` documents are in the engine, `wrong` ones differ between the database and the engine.

    `waiting` changes have not reached Elasticsearch, the oldest since `waiting_since`. `files`: how many attachments
    are in which state. `error`: why the engine could not be asked.
    """

    documents: int
    segments: int
    findable: int
    wrong: int
    waiting: int = 0
    waiting_since: datetime | None = None
    files: dict[str, int] = field(default_factory=dict)
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def index_status(backend: SearchBackend | None = None) -> IndexStatus:
    """What the index of one engine holds now; without one, of the first that the settings name."""
    asked = backend or engine.backends()[0]
    want = dict(SearchDocument.objects.values_list("pk", "version"))
    error, have = "", {}
    try:
        asked.prepare()
        have = asked.versions()
    except EngineUnavailable as unavailable:
        error = str(unavailable)[:300]
    lag = outbox.lag()
    return IndexStatus(
        documents=len(want),
        segments=SearchSegment.objects.count(),
        findable=len(have),
        wrong=len({pk for pk, _version in set(have.items()) ^ set(want.items())}),
        waiting=lag.unsent,
        waiting_since=lag.oldest,
        files=dict(Counter(ExtractedText.objects.values_list("state", flat=True))),
        error=error,
    )
