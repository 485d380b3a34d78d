"""Rules of packages without I/O: what a phone takes, what was recalled, who may work on a build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from offline.packages.manifest import Item, LessonManifest

CHOICES: Mapping[str, Sequence[str]] = {
    "sound": (),
    "small": ("h264-240", "h264-360"),
    "clear": ("h264-360", "h264-240"),
}
"""What a person picks on the phone, and the video profiles that serve it, best first (§2.9)."""
AV1_PICTURE = "av1-360"
"""Takes the place of the chosen picture on a phone that plays AV1 smoothly, where it has no more bytes (§2.9)."""
AV1_SIZE = "-av1"
"""Ends the name of a choice whose size is that for such a phone."""
AUDIO_ORDER = ("opus-16", "aac-24")
"""Sound profiles, best first; a phone takes the first that it can play."""

BUILD_LEASE = timedelta(seconds=60)
"""A build whose worker has been silent for this long is given to another."""
REDISPATCH_AFTER = timedelta(minutes=5)
MAX_ATTEMPTS = 5
MAX_PLANS = 5
"""A build whose lessons keep changing under it gives up after so many plans."""
FIRST_RETRY_AFTER = timedelta(minutes=1)
LAST_RETRY_AFTER = timedelta(hours=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Composition:
    """What a package comes to: nominal minutes, minutes of cases, and bytes for each choice of the phone (`sizes`)."""

    lessons: int
    minutes: int
    case_minutes: int
    sizes: Mapping[str, int]

    @property
    def case_share(self) -> float:
        """Part of the time that is case teaching, 0–1 (domain.md §1 asks for a third)."""
        return self.case_minutes / self.minutes if self.minutes else 0.0

    @property
    def has_enough_cases(self) -> bool:
        """Whether at least a third of the time is case teaching."""
        return 3 * self.case_minutes >= self.minutes > 0


def chosen_items(lesson: LessonManifest, choice: str, *, av1: bool = False) -> list[Item]:
    """The items a phone downloads: one sound a language, at most one picture, everything else (§2.9).

    Args:
        av1: whether the phone plays AV1 smoothly.
    """
    items = [item for item in lesson.items if item.kind not in ("audio", "video")]
    for language in dict.fromkeys(item.language for item in lesson.items if item.kind == "audio"):
        track = _first(lesson.items, "audio", AUDIO_ORDER, language)
        items += [track] if track else []
    picture = _picture(lesson.items, choice, av1=av1)
    return [*items, picture] if picture else items


def packed_items(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items worth a place in a package: all but the pictures that no phone takes under any choice (§2.9)."""
    taken = [_picture(items, choice, av1=av1) for choice in CHOICES for av1 in (False, True)]
    return tuple(item for item in items if item.kind != "video" or item in taken)


def sizes(lessons: Sequence[LessonManifest]) -> dict[str, int]:
    """`download_size` of every choice by its name, and by its name with `AV1_SIZE` for a phone that plays AV1."""
    found = {choice: download_size(lessons, choice) for choice in CHOICES}
    return found | {choice + AV1_SIZE: download_size(lessons, choice, av1=True) for choice in CHOICES}


def download_size(lessons: Iterable[LessonManifest], choice: str, *, av1: bool = False) -> int:
    """Bytes of all objects that a phone with this choice fetches, each counted once, manifests left out."""
    objects: dict[str, int] = {}
    for lesson in lessons:
        for item in chosen_items(lesson, choice, av1=av1):
            objects[item.sha256] = item.length
            if item.index:
                objects[item.index] = item.index_length or 0
    return sum(objects.values())


def recalled_materials(before: Iterable[UUID], published: Iterable[UUID]) -> tuple[UUID, ...]:
    """What earlier versions held or recalled and is not published any more, in a fixed order (§2.2)."""
    return tuple(sorted(set(before) - set(published)))


def recall_moment(now: datetime, earlier: Iterable[datetime | None]) -> datetime:
    """The moment of a take-down: the next whole second after now and after every moment that anything bears already."""
    return max([now, *(moment for moment in earlier if moment)]).replace(microsecond=0) + _SECOND


def plan_moment(now: datetime, recalled: datetime | None) -> datetime:
    """The moment of a plan that knows of every take-down up to `recalled`."""
    return max(now, recalled) if recalled else now


def is_valid(planned: datetime, recalled: datetime | None) -> bool:
    """Whether what was planned then knew of the lesson's latest take-down (moments of this server, whole seconds)."""
    return recalled is None or planned >= recalled


def may_retry(failures: int, last_tried: datetime | None, now: datetime) -> bool:
    """Whether a build that a take-down needs is asked for again: at once, then after 1, 2, 4 … 60 minutes."""
    if not failures or last_tried is None:
        return True
    patience = min(FIRST_RETRY_AFTER * 2 ** min(failures - 1, 16), LAST_RETRY_AFTER)
    # A clock that fell back must not stop the retries.
    return not timedelta(0) <= now - last_tried < patience


def may_take(*, queued: bool, heartbeat_at: datetime | None, now: datetime) -> bool:
    """Whether a worker may take an unfinished build: it waits, or whoever had it has gone silent."""
    return queued or heartbeat_at is None or now - heartbeat_at > BUILD_LEASE


def needs_dispatch(*, queued: bool, heartbeat_at: datetime | None, created_at: datetime, now: datetime) -> bool:
    """Whether a sweeper should enqueue an unfinished build again: its worker died, or its task was lost."""
    if queued:
        return now - (heartbeat_at or created_at) > REDISPATCH_AFTER
    return may_take(queued=False, heartbeat_at=heartbeat_at, now=now)


def _picture(items: Sequence[Item], choice: str, *, av1: bool) -> Item | None:
    picture = _first(items, "video", CHOICES[choice])
    lighter = _first(items, "video", (AV1_PICTURE,)) if av1 and CHOICES[choice] else None
    return lighter if lighter and (picture is None or lighter.length <= picture.length) else picture


def _first(items: Iterable[Item], kind: str, profiles: Sequence[str], language: str | None = None) -> Item | None:
    candidates = [
        item
        for item in items
        if item.kind == kind and item.profile in profiles and (kind == "video" or item.language == language)
    ]
    return min(candidates, key=lambda item: profiles.index(item.profile), default=None)
