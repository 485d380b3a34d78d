"""Reads Advanced SubStation Alpha and its forerunner SSA: what is said and when, nothing of how it looks. Pure.

After the format's own description (SSA v4.00+, "ASS Specs") and what libass does where that is silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cms.lessons.cues import LIMIT_CUES, Cue
from cms.lessons.errors import SubtitleUnreadable

_SECTION = re.compile(r"^\s*\[([^\]\n]{1,40})\]\s*$")
_KNOWN = re.compile(r"\s*\[(?:script info|v4\+? styles\+?|events)\]\s*", re.IGNORECASE)
_TIME = re.compile(r"([0-9]{1,3}):([0-5]?[0-9]):([0-5]?[0-9])[.:,]([0-9]{1,3})")
_BLOCK = re.compile(r"\{([^{}]*)\}")
_DRAWING = re.compile(r"\\p(\d{1,3})(?!\w)")
_DEFAULT_FIELDS: tuple[str, ...] = (
    "layer",
    "start",
    "end",
    "style",
    "name",
    "marginl",
    "marginr",
    "marginv",
    "effect",
    "text",
)
_MOST_FIELDS = 32


def is_ass(lines: Sequence[str]) -> bool:
    """Whether the lines have a section that only this format has, before any time line of another one."""
    for line in lines:
        if "-->" in line:
            return False
        if _KNOWN.fullmatch(line):
            return True
    return False


def cues(lines: Sequence[str]) -> Iterator[Cue]:
    """The cues of the lines, in their order; the same words at the same time on several layers are one.

    Raises:
        SubtitleUnreadable: a broken time, an end before its start, or too many.
    """
    is_events, fields = False, _DEFAULT_FIELDS
    seen: set[Cue] = set()
    for number, line in enumerate(lines, start=1):
        if section := _SECTION.match(line):
            is_events = section[1].strip().lower() == "events"
            continue
        if not is_events:
            continue
        kind, _, rest = line.partition(":")
        if kind.strip().lower() == "format":
            fields = _fields(rest, number)
        elif kind.strip().lower() == "dialogue":
            cue = _dialogue(rest, fields, number)
            if cue.text and cue.end_s > cue.start_s and cue not in seen:
                seen.add(cue)
                if len(seen) > LIMIT_CUES:
                    raise SubtitleUnreadable(line=number, reason="字幕条数过多", reason_en="too many cues")
                yield cue


def _fields(said: str, number: int) -> tuple[str, ...]:
    """The columns of the events; the text comes last, since it holds commas."""
    fields = tuple(name.strip().lower() for name in said.split(",", _MOST_FIELDS))
    if len(fields) > _MOST_FIELDS or fields[-1] != "text" or not {"start", "end"} <= set(fields):
        raise SubtitleUnreadable(
            line=number,
            reason="Format 一行缺少 Start、End，或不以 Text 结尾",
            reason_en="Format lacks Start, End or Text",
        )
    return fields


def _dialogue(rest: str, fields: Sequence[str], number: int) -> Cue:
    values = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
    start_s, end_s = (_seconds(values.get(name, ""), number) for name in ("start", "end"))
    if end_s < start_s:
        raise SubtitleUnreadable(line=number, reason="结束时间早于开始时间", reason_en="the end is before the start")
    return Cue(start_s, end_s, plain(values.get("text", "")))


def _seconds(stamp: str, number: int) -> float:
    match = _TIME.fullmatch(stamp.strip())
    if match is None:
        raise SubtitleUnreadable(line=number, reason="时间格式不对", reason_en="the time is malformed")
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000


def plain(text: str) -> str:
    r"""The words of an event: without override blocks, karaoke and drawings; `\N` is a line of its own."""
    said: list[str] = []
    is_drawing = False
    at = 0
    for block in _BLOCK.finditer(text):
        if not is_drawing:
            said.append(text[at : block.start()])
        # `\p1` and up starts a drawing, whose commands stand where words would; `\p0` ends it.
        for scale in _DRAWING.findall(block[1]):
            is_drawing = int(scale) > 0
        at = block.end()
    if not is_drawing:
        said.append(text[at:])
    words = "".join(said).replace("\\N", "\n").replace("\\n", " ").replace("\\h", "\u00a0")
    return "\n".join(line.strip() for line in words.split("\n") if line.strip())
