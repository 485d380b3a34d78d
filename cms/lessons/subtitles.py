"""Reads WebVTT, SubRip and ASS, writes WebVTT. Pure apart from `cues`, which opens a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cms.lessons import ass
from cms.lessons.cues import LIMIT_CUES, Cue
from cms.lessons.errors import SubtitleEncoding, SubtitleTooLarge, SubtitleUnreadable

LIMIT_BYTES = 2 << 20
"""Ten hours of dense subtitles take about 1 MiB."""
LIMIT_WEBVTT_BYTES = 16 << 20
"""What `to_webvtt` can make of `LIMIT_BYTES`: characters of two bytes become three, and `&` becomes `&amp;`."""
BEYOND_S = 30
"""A last subtitle that begins so long after the end of the recording belongs to another one, or to another cut."""

_TIME = re.compile(r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})")
_SPAN = re.compile(rf"^\s*({_TIME.pattern})\s*-->\s*({_TIME.pattern})(?:\s.*)?$")
_TAG = re.compile(r"</?[^<>\n]{0,200}>")
_OVERRIDE = re.compile(r"\{\\[^{}\n]{0,200}\}")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u00a0"), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&"))


def decode(content: bytes) -> str:
    """Text of a subtitle file: UTF-8 (with or without BOM), UTF-16 with BOM, or GB 18030.

    Raises:
        SubtitleTooLarge: more than `LIMIT_BYTES`.
        SubtitleEncoding: none of these.
    """
    if len(content) > LIMIT_BYTES:
        raise SubtitleTooLarge(limit_kib=LIMIT_BYTES // 1024)
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SubtitleEncoding


def parse(text: str) -> list[Cue]:
    """The cues of a WebVTT, SubRip or ASS file, in order of time.

    Notes, styles, regions and identifiers are passed over; markup is removed.

    Raises:
        SubtitleUnreadable: no cue at all, a broken time line, or a cue that ends before it starts.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff").split("\n")
    cues = list(ass.cues(lines) if ass.is_ass(lines) else _cues(lines))
    if not cues:
        raise SubtitleUnreadable(line=1, reason="没有找到任何字幕条", reason_en="no cue found")
    return sorted(cues, key=lambda cue: (cue.start_s, cue.end_s))


def _cues(lines: list[str]) -> Iterator[Cue]:
    at, found = 0, 0
    while at < len(lines):
        if re.match(r"^(NOTE|STYLE|REGION)(\s|$)", lines[at]):
            at = _end_of_block(lines, at)
            continue
        if "-->" not in lines[at]:
            at += 1
            continue
        start_s, end_s = _span(lines[at], at + 1)
        end = _end_of_block(lines, at)
        said = _plain("\n".join(lines[at + 1 : end]))
        found += 1
        if found > LIMIT_CUES:
            raise SubtitleUnreadable(line=at + 1, reason="字幕条数过多", reason_en="too many cues")
        if said:
            yield Cue(start_s, end_s, said)
        at = end


def _end_of_block(lines: list[str], at: int) -> int:
    """Index of the blank line, or of the next time line's block, that ends the block at `at`."""
    end = at + 1
    while end < len(lines) and lines[end].strip():
        if "-->" in lines[end]:
            # SubRip files without blank lines: a number right above the time line is not text.
            return end - 1 if end - 1 > at and lines[end - 1].strip().isdigit() else end
        end += 1
    return end


def _span(line: str, number: int) -> tuple[float, float]:
    match = _SPAN.match(line)
    if match is None:
        raise SubtitleUnreadable(line=number, reason="时间格式不对", reason_en="the time line is malformed")
    start_s, end_s = _seconds(match.group(1)), _seconds(match.group(6))
    if end_s < start_s:
        raise SubtitleUnreadable(line=number, reason="结束时间早于开始时间", reason_en="the end is before the start")
    return start_s, end_s


def _seconds(stamp: str) -> float:
    match = _TIME.fullmatch(stamp)
    if match is None:  # pragma: no cover - the span pattern contains this one
        raise ValueError(stamp)
    hours, minutes, seconds, fraction = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _plain(text: str) -> str:
    text = _OVERRIDE.sub("", _TAG.sub("", text))
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


def parse_webvtt(content: bytes) -> list[Cue]:
    """The cues of what `to_webvtt` wrote.

    Raises:
        SubtitleUnreadable: these are other bytes.
    """
    try:
        lines = content.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise SubtitleUnreadable(line=1, reason="不是 UTF-8", reason_en="not UTF-8") from error
    return list(_cues(lines))


def seconds_beyond(cues: list[Cue], duration_s: float | None) -> float:
    """By how many seconds the last cue begins after the recording's end; 0 where it fits or nothing was measured."""
    if not cues or not duration_s:
        return 0.0
    beyond = max(cue.start_s for cue in cues) - duration_s
    return beyond if beyond > BEYOND_S else 0.0


def to_webvtt(cues: list[Cue]) -> str:
    """The cues as WebVTT; the same cues always give the same bytes."""
    blocks = ["WEBVTT"]
    for cue in cues:
        said = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_stamp(cue.start_s)} --> {_stamp(cue.end_s)}\n{said}")
    return "\n\n".join(blocks) + "\n"


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, fraction = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}.{fraction:03}"


def cues(document: Any) -> list[Cue]:
    """The cues of a stored document.

    Raises:
        SubtitleUnreadable, SubtitleTooLarge, SubtitleEncoding: see `parse` and `decode`.
        FileNotFoundError: the document's file is gone.
    """
    with document.file.open("rb") as reader:
        content = reader.read(LIMIT_BYTES + 1)
    return parse(decode(content))
