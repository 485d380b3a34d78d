"""Reading one line of a device's log: pure. The format stands in docs/spec/record-sync.md.

Whatever the bytes, reading never raises: a line that is no valid statement comes back with the reason, and
is kept in quarantine.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from education.records.fold import ANSWERED, COMPLETED, VERBS, Interval
from education.records.times import Clock

VERB_PREFIX = "http://adlnet.gov/expapi/verbs/"
HOME_PAGE = "urn:gyxf"
MATERIAL_PREFIX = "urn:uuid:"
WATCHED, SEQUENCE, OFFSET = "urn:gyxf:watched", "urn:gyxf:seq", "urn:gyxf:mono_ms"

LONGEST_LINE = 64 * 1024
MOST_INTERVALS = 5_000
MOST_ANSWERS = 500
LONGEST_KEY = 64
LONGEST_LESSON_S = 7 * 24 * 3600

_VERB_IDS = {VERB_PREFIX + verb: verb for verb in VERBS}

NO_CLOCK = Clock(None)


class Reason(StrEnum):
    """Why a line lies in quarantine."""

    TOO_LONG = "too-long"
    MALFORMED = "malformed"
    WRONG_ACTOR = "wrong-actor"
    WRONG_SEQUENCE = "wrong-sequence"
    UNKNOWN_VERB = "unknown-verb"
    UNKNOWN_MATERIAL = "unknown-material"
    PLACE_CONFLICT = "place-conflict"
    ID_CONFLICT = "id-conflict"


@dataclass(slots=True)
class Reading:
    """What a line says; with `reason` set, only what could be read."""

    reason: Reason | None = None
    statement_id: UUID | None = None
    verb: str = ""
    material_id: UUID | None = None
    device_time: str = ""
    clock: Clock = NO_CLOCK
    is_completion: bool = False
    watched: tuple[Interval, ...] = ()
    response: tuple[tuple[str, str], ...] = ()


class _Malformed(ValueError):
    pass


def read_line(line: bytes, *, member_name: str, sequence: int) -> Reading:
    """Read the line at `sequence` of a log whose owner's pseudonym is `member_name`."""
    if len(line) > LONGEST_LINE:
        return Reading(Reason.TOO_LONG)
    try:
        statement = json.loads(line.decode())
        return _read(statement, member_name, sequence)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return Reading(Reason.MALFORMED)


def _read(statement: dict[str, Any], member_name: str, sequence: int) -> Reading:
    account = statement["actor"]["account"]
    if account["homePage"] != HOME_PAGE or account["name"] != member_name:
        return Reading(Reason.WRONG_ACTOR)
    object_id = statement["object"]["id"]
    if not object_id.startswith(MATERIAL_PREFIX):
        raise _Malformed
    extensions = statement.get("context", {}).get("extensions", {})
    device_time, moment = _moment(statement.get("timestamp"))
    reading = Reading(
        statement_id=UUID(statement["id"]),
        material_id=UUID(object_id[len(MATERIAL_PREFIX) :]),
        device_time=device_time,
        clock=Clock(moment, _offset(extensions.get(OFFSET))),
    )
    if extensions.get(SEQUENCE, sequence) != sequence:
        reading.reason = Reason.WRONG_SEQUENCE
        return reading
    verb = _VERB_IDS.get(statement["verb"]["id"])
    if verb is None:
        reading.reason = Reason.UNKNOWN_VERB
        return reading
    reading.verb = verb
    _read_result(reading, statement.get("result") or {})
    return reading


def _read_result(reading: Reading, result: Mapping[str, Any]) -> None:
    reading.is_completion = reading.verb == COMPLETED and result.get("completion", True) is True
    watched = result.get("extensions", {}).get(WATCHED, ())
    if watched:
        reading.watched = _intervals(watched)
    if reading.verb == ANSWERED:
        reading.response = _response(result["response"])


def _intervals(watched: Any) -> tuple[Interval, ...]:
    if not isinstance(watched, list) or len(watched) > MOST_INTERVALS:
        raise _Malformed
    intervals = []
    for start, end in watched:
        if not (_is_second(start) and _is_second(end) and start <= end):
            raise _Malformed
        intervals.append((float(start), float(end)))
    return tuple(intervals)


def _is_second(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 <= value <= LONGEST_LESSON_S
    )


def _response(response: Any) -> tuple[tuple[str, str], ...]:
    """Raw answers {question: key}; a JSON text of it, as xAPI writes responses, is read as well."""
    if isinstance(response, str):
        response = json.loads(response)
    if not isinstance(response, dict) or len(response) > MOST_ANSWERS:
        raise _Malformed
    for question, key in response.items():
        if not isinstance(key, str) or len(question) > LONGEST_KEY or len(key) > LONGEST_KEY:
            raise _Malformed
    return tuple(sorted(response.items()))


def _moment(timestamp: object) -> tuple[str, datetime | None]:
    """(the raw clock as text, as a moment). An unreadable clock is no reason to refuse a record."""
    if not isinstance(timestamp, str) or len(timestamp) > 40 or not timestamp.isascii() or not timestamp.isprintable():
        return "", None
    try:
        moment = datetime.fromisoformat(timestamp)
        return timestamp, moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return timestamp, None


def _offset(value: object) -> int | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return int(value)
