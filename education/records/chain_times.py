"""Times of a stored chain, told anew when a clock in it is not believed.

As long as every clock of a chain is believed, each record's time is its own and nothing stored has to be read.
Otherwise all of the chain is looked at, for a later bundle may bring the neighbour that an earlier one lacked.
"""

from __future__ import annotations

from uuid import UUID

from education.members.models import PartyMember
from education.records.anchors import earliest_of
from education.records.materials import KnownMaterial, known_materials
from education.records.models import LearningRecord
from education.records.statements import read_line
from education.records.times import Link, bound_times


def has_doubtful_times(device_id: UUID, epoch: UUID) -> bool:
    """Whether a stored record of the chain has a clock that was not believed."""
    return LearningRecord.objects.filter(device_id=device_id, epoch=epoch, is_time_estimated=True).exists()


def retime(member: PartyMember, device_id: UUID, epoch: UUID) -> list[LearningRecord]:
    """Set the time of every record of the chain; returns those whose time changed, as they were before."""
    chain = list(LearningRecord.objects.filter(device_id=device_id, epoch=epoch).order_by("sequence", "line_sha256"))
    known = known_materials({record.material_id for record in chain if record.material_id})
    links = [_link(member, record, known) for record in chain]
    before = []
    changed = []
    for record, link, moment in zip(chain, links, bound_times(links), strict=True):
        if (record.occurred_at, record.is_time_estimated) == (moment, not link.is_believed):
            continue
        before.append(
            LearningRecord(
                pk=record.pk, verb=record.verb, material_id=record.material_id, occurred_at=record.occurred_at
            )
        )
        record.occurred_at, record.is_time_estimated = moment, not link.is_believed
        changed.append(record)
    LearningRecord.objects.bulk_update(changed, ["occurred_at", "is_time_estimated"], batch_size=200)
    return before


def _link(member: PartyMember, record: LearningRecord, known: dict[UUID, KnownMaterial]) -> Link:
    clock = read_line(bytes(record.line), member_name=str(member.member_id), sequence=record.sequence).clock
    return Link(
        clock, earliest_of(member, known.get(record.material_id) if record.material_id else None), record.received_at
    )
