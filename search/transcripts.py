"""What is said in a lesson and what goes with it, from the files that its revision pins."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from accounts.errors import PersonError
from cms.lessons import subtitles
from cms.lessons.selectors import attachments
from media_pipeline.objects import default_store
from search.registry import AttachedFile, Transcript
from search.windows import SpokenCue

log = logging.getLogger(__name__)


def transcripts(pins: Mapping[str, Any]) -> tuple[Transcript, ...]:
    """The transcripts that the pins name. One that cannot be read is left out and logged: the lesson stays findable."""
    found = []
    for language, sha256 in pins.get("subtitle", {}).items():
        try:
            found.append(Transcript(language, _spoken(sha256)))
        except (OSError, PersonError):
            log.exception("subtitle %s (%s) left out of the index", sha256, language)
    return tuple(found)


def _spoken(sha256: str) -> tuple[SpokenCue, ...]:
    with default_store().open(sha256) as reader:
        cues = subtitles.parse_webvtt(reader.read(subtitles.LIMIT_WEBVTT_BYTES))
    return tuple(SpokenCue(cue.start_s, cue.end_s, cue.text) for cue in cues)


def attached_files(pins: Mapping[str, Any], *, is_draft: bool = False) -> tuple[AttachedFile, ...]:
    """The attachments that the pins name, at the addresses where whoever finds them may fetch them."""
    return tuple(
        AttachedFile(
            each.sha256,
            each.name,
            each.title,
            each.url,
            has_page_addresses=each.mime == "application/pdf",
        )
        for each in attachments(dict(pins), draft=is_draft)
    )
