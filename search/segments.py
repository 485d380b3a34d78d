"""From a draft to the rows of its segments: windows of speech, pages of attachments, passages of long texts."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from search.models import SearchDocument, SearchSegment
from search.passages import split
from search.registry import Draft, Passage, Transcript
from search.windows import windows

log = logging.getLogger(__name__)

BODY_CHARACTERS = 20_000
"""What of a text is kept in the document itself, where each hit reads it; the rest becomes passages."""
LARGE_CHARACTERS = 60_000
"""What is longer is indexed by a task: some two hours of speech, or the time in which a person begins to wait."""
MOST_CHARACTERS = 2_000_000
"""Where a document's text ends for the search, some 6 MB of Chinese: a bomb, or a book that is one file."""
Kind = SearchSegment.Kind


def body_and_rest(draft: Draft) -> tuple[str, tuple[Passage, ...]]:
    """The body as the document keeps it, and all passages: those the source gave and the rest of the body."""
    if len(draft.body) <= BODY_CHARACTERS:
        return draft.body, draft.passages
    rest = (Passage(piece, kind=Kind.PASSAGE, language=draft.language) for piece in split(draft.body[BODY_CHARACTERS:]))
    return draft.body[:BODY_CHARACTERS], (*rest, *draft.passages)


def segment_rows(
    document: SearchDocument, transcripts: Sequence[Transcript], passages: Sequence[Passage]
) -> list[SearchSegment]:
    """Unsaved rows, speech first, in their order, up to `MOST_CHARACTERS`."""
    return list(_within_limit(chain(_spoken(document, transcripts), _written(document, passages))))


def _within_limit(rows: Iterable[SearchSegment]) -> Iterator[SearchSegment]:
    characters = 0
    for row in rows:
        characters += len(row.text)
        if characters > MOST_CHARACTERS:
            log.warning("the text of %s is indexed up to %s characters", row.document, MOST_CHARACTERS)
            return
        yield row


def _spoken(document: SearchDocument, transcripts: Sequence[Transcript]) -> Iterator[SearchSegment]:
    for transcript in transcripts:
        for window in windows(transcript.cues):
            yield SearchSegment(
                document=document,
                kind=Kind.SPEECH,
                language=transcript.language,
                start_s=window.start_s,
                end_s=window.end_s,
                text=window.text,
                cues=[list(cue) for cue in window.cues],
            )


def _written(document: SearchDocument, passages: Sequence[Passage]) -> Iterator[SearchSegment]:
    for passage in passages:
        for piece in split(passage.text):
            yield SearchSegment(
                document=document,
                kind=passage.kind,
                language=passage.language,
                page=passage.page,
                title=passage.title[:300],
                url=passage.url[:400],
                text=piece,
            )


def fingerprint(rows: Sequence[SearchSegment]) -> str:
    """A hash over all that the rows say: another one whenever a segment is another."""
    digest = hashlib.sha256()
    for row in rows:
        said = [row.kind, row.language, row.start_s, row.end_s, row.page, row.title, row.url, row.text, row.cues]
        digest.update(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
