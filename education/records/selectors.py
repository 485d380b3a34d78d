"""Reads of study records: what a member has learned, and what the server has confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.utils import timezone

from cms.lessons.models import Case, Lesson
from cms.lessons.selectors import material
from education.classroom.selectors import answer_keys
from education.members.models import PartyMember
from education.records.decisions import Decision
from education.records.fold import COMPLETED, INITIALIZED, PROGRESSED, Fact, MaterialState, fold
from education.records.materials import KnownMaterial, known_materials
from education.records.models import LearningRecord
from education.records.statements import read_line


def member_state(member: PartyMember) -> dict[str, MaterialState]:
    """State by material id: the fold over the member's counted records, quiz answers graded again here."""
    facts = list(_facts(member))
    return fold(facts, answer_keys({UUID(fact.material) for fact in facts}))


def _facts(member: PartyMember) -> Iterator[Fact]:
    name = str(member.member_id)
    records = LearningRecord.objects.counted().filter(member=member)
    for line, sequence, material_id, moment in records.values_list("line", "sequence", "material_id", "occurred_at"):
        reading = read_line(bytes(line), member_name=name, sequence=sequence)
        yield Fact(
            verb=reading.verb,
            material=str(material_id),
            on=timezone.localdate(moment),
            is_completion=reading.is_completion,
            watched=reading.watched,
            response=reading.response,
        )


@dataclass(frozen=True, slots=True)
class LearnedMaterial:
    """One material of a member's state, for a page."""

    material_id: UUID
    material: KnownMaterial
    state: MaterialState


def learned_materials(member: PartyMember) -> list[LearnedMaterial]:
    """What the member has begun or done, by title."""
    state = member_state(member)
    known = known_materials({UUID(material) for material in state})
    learned = [LearnedMaterial(key, known[key], state[str(key)]) for key in known]
    return sorted(learned, key=lambda item: (item.material.title, item.material_id))


MOST_RECENT = 200
"""Records looked through for a lesson to go on with: older ones are no longer what a person is at."""
MOST_TRIED = 3
"""Begun lessons that are looked up: more would be slow where many were taken down."""


def last_begun(member: PartyMember) -> Lesson | Case | None:
    """The published lesson or case that the member has begun last and never finished; few queries."""
    records = LearningRecord.objects.counted().filter(member=member, verb__in=(INITIALIZED, PROGRESSED, COMPLETED))
    recent = list(records.order_by("-occurred_at", "-pk").values_list("material_id", "verb")[:MOST_RECENT])
    finished = {key for key, verb in recent if verb == COMPLETED}
    begun = dict.fromkeys(key for key, _verb in recent if key is not None and key not in finished)
    published = (material(key) for key in islice(begun, MOST_TRIED))
    return next((lesson for lesson in published if lesson is not None), None)


@dataclass(frozen=True, slots=True)
class ReceivedDay:
    """How many records the server confirmed on one local day, and of how many lessons and quizzes they tell."""

    day: date
    materials: int
    accepted: int
    waiting: int
    """In quarantine: kept, looked at by a person."""


@dataclass(frozen=True, slots=True)
class ReceivedRecords:
    """What the server has of one member."""

    total: int
    last_received_at: datetime | None
    days: tuple[ReceivedDay, ...]
    """Newest first, at most `MOST_DAYS`."""

    @property
    def waiting(self) -> int:
        """In quarantine, of the days above."""
        return sum(day.waiting for day in self.days)


MOST_DAYS = 30


def received_records(member: PartyMember) -> ReceivedRecords:
    """Confirmed records by the day on which they arrived."""
    counts: dict[date, list[int]] = {}
    last: datetime | None = None
    total = 0
    stored = LearningRecord.objects.filter(member=member).order_by("-received_at")
    materials: dict[date, set[UUID]] = {}
    rows = stored.values_list("received_at", "status", "decision__outcome", "material_id")
    for received_at, status, outcome, material_id in rows.iterator():
        last = last or received_at
        total += 1
        local = timezone.localdate(received_at)
        day = counts.setdefault(local, [0, 0])
        if material_id is not None:
            materials.setdefault(local, set()).add(material_id)
        if outcome != Decision.Outcome.REJECTED:
            day[status != LearningRecord.Status.ACCEPTED and outcome is None] += 1
    days = tuple(
        ReceivedDay(day, len(materials.get(day, ())), accepted, waiting)
        for day, (accepted, waiting) in list(counts.items())[:MOST_DAYS]
    )
    return ReceivedRecords(total, last, days)


def waiting_for_review(device_id: UUID, epoch: UUID) -> int:
    """How many records of one log lie in quarantine and nobody has decided about."""
    waiting = LearningRecord.objects.filter(status=LearningRecord.Status.QUARANTINED, decision=None)
    return waiting.filter(device_id=device_id, epoch=epoch).count()


def sequences_held(device_id: UUID, epoch: UUID) -> list[int]:
    """Chain places of one log that the server holds, ascending; `fold.gaps` tells what is missing."""
    rows = LearningRecord.objects.filter(device_id=device_id, epoch=epoch)
    return sorted(set(rows.values_list("sequence", flat=True)))
