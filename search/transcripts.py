"""What is said in a lesson, from its subtitle files in every language."""

from __future__ import annotations

import logging

from cms.lessons.models import Lesson, LessonTrack
from search.registry import Transcript
from search.windows import SpokenCue

log = logging.getLogger(__name__)


def lesson_transcripts(lesson: Lesson) -> tuple[Transcript, ...]:
    """The transcripts of a live lesson. An unreadable subtitle file is left out and logged, not fatal."""
    from cms.lessons.subtitles import cues

    transcripts = []
    for track in lesson.tracks.filter(kind=LessonTrack.Kind.SUBTITLE).select_related("subtitle"):
        if track.subtitle is None:
            continue
        try:
            spoken = tuple(SpokenCue(cue.start_s, cue.end_s, cue.text) for cue in cues(track.subtitle))
        except Exception:
            log.exception("subtitle left out of the index", extra={"document": track.subtitle_id})
            continue
        transcripts.append(Transcript(track.language, spoken))
    return tuple(transcripts)
