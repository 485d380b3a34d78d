"""Study records come in: each line stored exactly once, hours credited exactly once.

A record is accepted by itself if and only if it is a valid statement of its member about a known material, no other
line claims its place in the chain, and no other place claims its id. That is a property of the *set* of
lines received, so bundles may come in any order, overlap and repeat (offline.md §5).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connections, router, transaction
from django.utils import timezone

from accounts.models import User
from education.hours.services import EntryDraft, settle
from education.members.models import PartyMember
from education.records.anchors import earliest_of
from education.records.chain_times import has_doubtful_times, retime
from education.records.fold import COMPLETED
from education.records.materials import KnownMaterial, known_materials
from education.records.models import LearningRecord
from education.records.statements import Reading, Reason, read_line
from education.records.times import Link

ACCEPTED, QUARANTINED = LearningRecord.Status.ACCEPTED, LearningRecord.Status.QUARANTINED

_QUERY_CHUNK = 900
"""SQLite takes at most 999 parameters in Django's hands."""


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of the lines of one call."""

    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How many lines were quarantined for which reason."""


@dataclass(slots=True)
class _Line:
    """A line that is new at its place."""

    sequence: int
    content: bytes
    sha256: str
    reading: Reading
    material: KnownMaterial | None
    link: Link
    reason: Reason | None

    @property
    def counts(self) -> bool:
        return self.reason is None and self.reading.is_completion

    @property
    def occurred_at(self) -> datetime:
        """The time by the line's own clock; `chain_times` looks at its neighbours where that is not believed."""
        return self.link.said


@dataclass(slots=True)
class _Held:
    """A stored record that a new line may collide with."""

    pk: int
    sequence: int
    line_sha256: str


def ingest_lines(
    *,
    member: PartyMember,
    device_id: UUID,
    epoch: UUID,
    lines: Sequence[bytes],
    first_sequence: int,
    received_at: datetime,
) -> IngestResult:
    """Store consecutive lines of one chain and credit what they complete, in one transaction.

    The caller has checked the device's signature and the hash chain. The same line again is a no-op; another
    line at a place already taken is kept, and both go to quarantine. Nothing is refused for its time or lost
    for its content. A constant number of queries, whatever the number of lines (ids are looked up by 900).
    """
    with transaction.atomic():
        PartyMember.objects.select_for_update().only("pk").get(pk=member.pk)
        held = _held_places(device_id, epoch, first_sequence, len(lines))
        fresh = _fresh_lines(member, lines, first_sequence, received_at, held)
        demoted = _judge(member, fresh, held)
        if demoted:
            _demote(demoted)
        is_doubtful = bool(fresh) and (
            not all(line.link.is_believed for line in fresh) or has_doubtful_times(device_id, epoch)
        )
        _insert(member, device_id, epoch, received_at, fresh)
        if is_doubtful:
            _credit_anew(member, fresh, _materials_of(demoted), moved=retime(member, device_id, epoch))
        else:
            _credit(member, fresh, _materials_of(demoted))
    reasons = Counter(str(line.reason) for line in fresh if line.reason)
    quarantined = reasons.total()
    return IngestResult(len(fresh) - quarantined, len(lines) - len(fresh), quarantined, dict(reasons))


def _held_places(device_id: UUID, epoch: UUID, first: int, count: int) -> dict[int, list[_Held]]:
    rows = LearningRecord.objects.filter(
        device_id=device_id, epoch=epoch, sequence__gte=first, sequence__lt=first + count
    ).values_list("pk", "sequence", "line_sha256")
    held: dict[int, list[_Held]] = {}
    for pk, sequence, sha256 in rows:
        held.setdefault(sequence, []).append(_Held(pk, sequence, sha256))
    return held


def _fresh_lines(
    member: PartyMember,
    lines: Sequence[bytes],
    first: int,
    received_at: datetime,
    held: Mapping[int, list[_Held]],
) -> list[_Line]:
    """Read the lines that are not stored yet, each with the bounds of its time."""
    name = str(member.member_id)
    read: list[tuple[int, bytes, str, Reading]] = []
    for sequence, content in enumerate(lines, start=first):
        sha256 = hashlib.sha256(content).hexdigest()
        if any(other.line_sha256 == sha256 for other in held.get(sequence, ())):
            continue
        read.append((sequence, content, sha256, read_line(content, member_name=name, sequence=sequence)))
    known = known_materials({reading.material_id for *_rest, reading in read if reading.material_id})
    fresh = []
    for sequence, content, sha256, reading in read:
        material = known.get(reading.material_id) if reading.material_id else None
        link = Link(reading.clock, earliest_of(member, material), received_at)
        fresh.append(_Line(sequence, content, sha256, reading, material, link, reading.reason))
    return fresh


def _judge(member: PartyMember, fresh: Sequence[_Line], held: Mapping[int, list[_Held]]) -> dict[int, Reason]:
    """Set the reason of every line that cannot be accepted; returns stored records that it takes along."""
    ids = _held_ids(member, [line.reading.statement_id for line in fresh if line.reading.statement_id])
    seen: dict[UUID, _Line] = {}
    demoted: dict[int, Reason] = {}
    for line in fresh:
        reading = line.reading
        if line.reason is None and line.material is None:
            line.reason = Reason.UNKNOWN_MATERIAL
        if reading.statement_id:
            twin = seen.setdefault(reading.statement_id, line)
            if twin is not line:
                twin.reason = line.reason = Reason.ID_CONFLICT
            elsewhere = [pk for pk in ids.get(reading.statement_id, ()) if not _is_at(pk, held.get(line.sequence))]
            if elsewhere:
                line.reason = Reason.ID_CONFLICT
                demoted.update(dict.fromkeys(elsewhere, Reason.ID_CONFLICT))
        if line.sequence in held:
            line.reason = Reason.PLACE_CONFLICT
            demoted.update({other.pk: Reason.PLACE_CONFLICT for other in held[line.sequence]})
    return demoted


def _is_at(pk: int, place: Iterable[_Held] | None) -> bool:
    return any(other.pk == pk for other in place or ())


def _held_ids(member: PartyMember, statement_ids: Sequence[UUID]) -> dict[UUID, list[int]]:
    """Stored records of the member by statement id, for the ids given."""
    held: dict[UUID, list[int]] = {}
    for start in range(0, len(statement_ids), _QUERY_CHUNK):
        chunk = statement_ids[start : start + _QUERY_CHUNK]
        rows = LearningRecord.objects.filter(member=member, statement_id__in=chunk)
        for pk, statement_id in rows.values_list("pk", "statement_id"):
            if statement_id:
                held.setdefault(statement_id, []).append(pk)
    return held


def _demote(demoted: Mapping[int, Reason]) -> None:
    for reason in set(demoted.values()):
        pks = [pk for pk, why in demoted.items() if why == reason]
        for start in range(0, len(pks), _QUERY_CHUNK):
            LearningRecord.objects.filter(pk__in=pks[start : start + _QUERY_CHUNK]).update(
                status=QUARANTINED, reason=reason
            )


def _materials_of(demoted: Mapping[int, Reason]) -> set[UUID]:
    pks = list(demoted)
    materials: set[UUID] = set()
    for start in range(0, len(pks), _QUERY_CHUNK):
        rows = LearningRecord.objects.filter(pk__in=pks[start : start + _QUERY_CHUNK], verb=COMPLETED)
        materials.update(material_id for material_id in rows.values_list("material_id", flat=True) if material_id)
    return materials


_COLUMNS = (
    "member",
    "device_id",
    "epoch",
    "received_at",
    "sequence",
    "line",
    "line_sha256",
    "statement_id",
    "verb",
    "material_id",
    "device_time",
    "occurred_at",
    "is_time_estimated",
    "status",
    "reason",
)


def _insert(member: PartyMember, device_id: UUID, epoch: UUID, received_at: datetime, fresh: Sequence[_Line]) -> None:
    """One `executemany`: `bulk_create` builds an object and a statement part for every row, at four times the cost."""
    if not fresh:
        return
    database = connections[router.db_for_write(LearningRecord)]
    is_native = database.features.has_native_uuid_field
    zone = None if database.features.supports_timezones else database.timezone

    def plain(value: UUID | None) -> UUID | str | None:
        return value if is_native or value is None else value.hex

    def moment(value: datetime) -> datetime | str:
        return value if zone is None else str(value.astimezone(zone).replace(tzinfo=None))

    shared = (member.pk, plain(device_id), plain(epoch), moment(received_at))
    rows = [
        (
            *shared,
            line.sequence,
            line.content,
            line.sha256,
            plain(line.reading.statement_id),
            line.reading.verb,
            plain(line.reading.material_id),
            line.reading.device_time,
            moment(line.occurred_at),
            not line.link.is_believed,
            QUARANTINED.value if line.reason else ACCEPTED.value,
            line.reason.value if line.reason else "",
        )
        for line in fresh
    ]
    quote = database.ops.quote_name
    column_of = {field.name: str(field.column) for field in LearningRecord._meta.concrete_fields}
    columns = ", ".join(quote(column_of[name]) for name in _COLUMNS)
    marks = ", ".join(["%s"] * len(_COLUMNS))
    statement = f"INSERT INTO {quote(LearningRecord._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608
    with database.cursor() as cursor:
        cursor.executemany(statement, rows)


def _cause(member: PartyMember, material_id: UUID, year: int) -> str:
    return f"selfstudy:{member.member_id}:{material_id}:{year}"


def credit_materials(member: PartyMember, materials: set[UUID], *, by: User | None = None) -> None:
    """Make the ledger agree with all stored records of these materials; the caller holds a transaction."""
    _credit(member, (), materials, by=by)


def _credit(
    member: PartyMember,
    fresh: Iterable[_Line],
    reopened: set[UUID],
    *,
    left: Iterable[str] = (),
    by: User | None = None,
) -> None:
    """Make the ledger agree: a lesson completed in a year stands once, at its nominal length, in self-study.

    Args:
        reopened: materials whose stored records are all looked at again.
        left: causes that may have fallen because a record's time moved.
    """
    completed: dict[tuple[UUID, int], tuple[date, str]] = {}
    for line in fresh:
        if line.counts and line.reading.material_id:
            _note(completed, line.reading.material_id, line.occurred_at, str(line.reading.statement_id))
    withdrawn = (_reopen(member, reopened, completed) if reopened else set()) | set(left)
    materials = known_materials({material_id for material_id, _year in completed})
    drafts = [
        draft
        for (material_id, _year), (day, statement_id) in completed.items()
        if (draft := _draft(member, material_id, materials.get(material_id), day, statement_id))
    ]
    settle(drafts, withdrawn_causes=withdrawn, reason="retimed" if left else "quarantined", by=by)


def _credit_anew(
    member: PartyMember, fresh: Iterable[_Line], reopened: set[UUID], *, moved: Iterable[LearningRecord]
) -> None:
    """`_credit` after times of stored records changed: hours move to the year in which they were learned."""
    left = {
        _cause(member, record.material_id, timezone.localdate(record.occurred_at).year)
        for record in moved
        if record.material_id and record.verb == COMPLETED
    }
    touched = {line.reading.material_id for line in fresh if line.counts and line.reading.material_id}
    touched |= {record.material_id for record in moved if record.material_id and record.verb == COMPLETED}
    _credit(member, (), reopened | touched, left=left)


def _reopen(
    member: PartyMember, materials: Iterable[UUID], completed: dict[tuple[UUID, int], tuple[date, str]]
) -> set[str]:
    """Look again at all records of these materials: note what still counts, return causes that may have fallen."""
    name = str(member.member_id)
    causes = set()
    stored = LearningRecord.objects.filter(member=member, material_id__in=list(materials), verb=COMPLETED)
    for record in stored.select_related("decision"):
        reading = read_line(bytes(record.line), member_name=name, sequence=record.sequence)
        if reading.material_id and reading.is_completion:
            causes.add(_cause(member, reading.material_id, timezone.localdate(record.occurred_at).year))
            if record.is_counted:
                _note(completed, reading.material_id, record.occurred_at, str(record.statement_id))
    return causes


def _note(completed: dict[tuple[UUID, int], tuple[date, str]], material_id: UUID, moment: datetime, by: str) -> None:
    """Keep the first completion of a material in its local year."""
    day = timezone.localdate(moment)
    key = (material_id, day.year)
    completed[key] = min(completed.get(key, (day, by)), (day, by))


def _draft(
    member: PartyMember, material_id: UUID, material: KnownMaterial | None, day: date, statement_id: str
) -> EntryDraft | None:
    if material is None or not material.nominal_minutes:
        return None
    return EntryDraft(
        member=member,
        cause=_cause(member, material_id, day.year),
        column="self_study",
        minutes=material.nominal_minutes,
        learned_on=day,
        evidence={"material": str(material_id), "statement": statement_id},
    )


def reconsider(material_id: UUID) -> int:
    """Accept records that waited in quarantine for a material that is known now; returns how many.

    Called when a material is published, so that a package may run ahead of this server.
    """
    with transaction.atomic():
        waiting = list(
            LearningRecord.objects.select_for_update(of=("self",))
            .filter(material_id=material_id, status=QUARANTINED, reason=Reason.UNKNOWN_MATERIAL, decision=None)
            .select_related("member")
        )
        if not waiting or material_id not in known_materials({material_id}):
            return 0
        LearningRecord.objects.filter(pk__in=[record.pk for record in waiting]).update(status=ACCEPTED, reason="")
        for member in {record.member for record in waiting}:
            _credit(member, (), {material_id})
    return len(waiting)
