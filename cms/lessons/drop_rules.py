"""What of a drop folder is taken in together, and when it has arrived. Pure.

A file has arrived once its size and its time of change were the same for a while. `lessons.csv` and `<name>.json` are
taken in with the files they speak of; a recording that nobody describes goes into the library alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from accounts.errors import PersonError
from cms.lessons.importing import HEADINGS

TABLE = "lessons.csv"
SETTLED_S = 30.0
WAIT_S = 3600.0
"""How long a description waits for files it speaks of before it is taken in without them."""
LIMIT_JSON_BYTES = 64 * 1024
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".download", "~")
Stamp = tuple[int, int]
"""Size in bytes, time of change in nanoseconds."""


class DescriptionUnreadable(PersonError):
    code = "drop-description-unreadable"
    message_zh = (
        '“{name}”读不懂：应是 JSON，例如 {{"title": "课名", "outline": "大纲", "unit": "单元"}}。改好后再放一次。'
    )
    message_en = "“{name}” cannot be read: it should be a JSON object of texts. Mend it and put it in again."


class NoRecording(PersonError):
    code = "drop-no-recording"
    message_zh = "“{name}”说明的录像一直没有放进来。请把录像和说明一起再放一次。"
    message_en = "The recording that “{name}” describes never came. Put both in again together."


class NotDescribed(PersonError):
    code = "drop-not-taken"
    message_zh = "“{name}”没有收下：说明它的表格（或 JSON）里对应的行有问题，或没有提到它。见旁边的 .txt。"
    message_en = (
        "“{name}” was not taken: its row in the table (or the JSON) is wrong or missing. See the .txt beside it."
    )


@dataclass
class Watch:
    """What was seen of the files at the looks before this one; kept in memory only."""

    seen: dict[str, tuple[Stamp, float]] = field(default_factory=dict)

    def look(self, files: Mapping[str, Stamp], *, now: float) -> dict[str, float]:
        """For how many seconds each file has not changed."""
        self.seen = {
            name: (stamp, self.seen[name][1] if name in self.seen and self.seen[name][0] == stamp else now)
            for name, stamp in files.items()
        }
        return {name: now - since for name, (_stamp, since) in self.seen.items()}


def is_candidate(name: str) -> bool:
    """Whether a name is one a person gave, and not that of a copy in progress or of a system's own file."""
    return not name.startswith(".") and not name.lower().endswith(_UNFINISHED) and name.lower() != "thumbs.db"


def batches(unchanged_s: Mapping[str, float], table: set[str], companions: Mapping[str, set[str]]) -> list[list[str]]:
    """Which files to take in now, in groups; each group's description comes last.

    Args:
        unchanged_s: for how long each file that is there has not changed.
        table: what `lessons.csv` speaks of, where it is there.
        companions: by the name of each `<name>.json`, the files that it speaks of.
    """
    descriptions = {**companions, **({TABLE: table} if TABLE in unchanged_s else {})}
    spoken_for = set().union(*descriptions.values()) if descriptions else set()
    found: list[list[str]] = []
    claimed: set[str] = set()
    for name, spoken_of in sorted(descriptions.items()):
        others = spoken_of - {name}
        here = sorted(others & unchanged_s.keys())
        if claimed & {name, *here}:
            continue
        have_settled = all(unchanged_s[each] >= SETTLED_S for each in [*here, name])
        is_whole = len(here) == len(others) and bool(here or name == TABLE)
        if have_settled and (is_whole or unchanged_s[name] >= WAIT_S):
            found.append([*here, name])
            claimed |= {name, *here}
    loose = sorted(set(unchanged_s) - spoken_for - set(descriptions))
    found += [[name] for name in loose if unchanged_s[name] >= SETTLED_S]
    return found


def companions_of(name: str, content: bytes, files: set[str]) -> set[str]:
    """The files that `<name>.json` speaks of: the recordings of the same name, and its subtitle."""
    stem = PurePath(name).stem
    recordings = {each for each in files if PurePath(each).stem == stem and each != name}
    try:
        subtitle = description(name, content).get("subtitle", "")
    except PersonError:
        subtitle = ""
    recordings = {
        each for each in recordings if each != subtitle and not each.lower().endswith((".vtt", ".srt", ".ass"))
    }
    # One that has not come yet is a file that is not there: the description waits for it.
    return (recordings or {stem}) | ({subtitle} if subtitle else set())


def description(name: str, content: bytes) -> dict[str, str]:
    """Heading and value of each thing the JSON says.

    Raises:
        DescriptionUnreadable: no JSON object of texts and numbers, or too large.
    """
    try:
        said = json.loads(content.decode("utf-8-sig")) if len(content) <= LIMIT_JSON_BYTES else None
    except (ValueError, RecursionError) as error:
        raise DescriptionUnreadable(name=name) from error
    if not isinstance(said, dict) or not all(isinstance(value, str | int) for value in said.values()):
        raise DescriptionUnreadable(name=name)
    known = {HEADINGS.get(key.strip().lower(), ""): str(value) for key, value in said.items()}
    return {heading: value for heading, value in known.items() if heading and heading != "file"}
