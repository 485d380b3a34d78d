"""Whether subtitles belong to the recording they lie beside: told to the editor who drops them, and to reviewers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import PersonError
from cms.lessons import subtitles
from cms.lessons.cues import Cue
from cms.lessons.selectors import language_label
from media_pipeline.objects import default_store


def warning(cues: list[Cue], duration_s: float | None) -> str:
    """That the last cue begins long after the recording's end; empty where they fit, or nothing was measured."""
    if not subtitles.seconds_beyond(cues, duration_s):
        return ""
    said = {"last": _clock(max(cue.start_s for cue in cues)), "end": _clock(duration_s or 0)}
    return _("字幕一直到 %(last)s，录像只有 %(end)s，请核对是不是这节课的字幕") % said


def warnings(pinned: dict[str, Any], duration_s: float | None) -> list[str]:
    """What is odd about a revision's subtitles, each with its language."""
    found = []
    for language, sha256 in pinned.get("subtitle", {}).items():
        try:
            with default_store().open(sha256) as reader:
                cues = subtitles.parse_webvtt(reader.read(subtitles.LIMIT_WEBVTT_BYTES))
        except (OSError, PersonError):
            continue  # The page says that the file is missing; publication is refused for it.
        if said := warning(cues, duration_s):
            found.append(f"{language_label(language)}：{said}")
    return found


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
