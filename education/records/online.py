"""Records of what a member does on a server-rendered page, without a device of their own.

They go the way of every record — a log with a chain place, stored by `ingest_lines` — under a device id
derived from the member, so that hours, states and exports know one kind of record only.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from education.members.models import PartyMember
from education.records.models import LearningRecord
from education.records.services import IngestResult, ingest_lines
from education.records.statements import HOME_PAGE, MATERIAL_PREFIX, OFFSET, SEQUENCE, VERB_PREFIX

_NAMESPACE = uuid.UUID("5f0e0c0e-5d5e-5b8e-9a3e-6c1f0e6f7a10")


def page_device(member: PartyMember) -> uuid.UUID:
    """The id under which a member's server-made records are logged."""
    return uuid.uuid5(_NAMESPACE, str(member.member_id))


def record_on_page(
    *, member: PartyMember, verb: str, material_id: uuid.UUID, result: Mapping[str, Any], now: datetime
) -> IngestResult:
    """Log one thing that a member did on a page just now."""
    device = page_device(member)
    with transaction.atomic():
        PartyMember.objects.select_for_update().only("pk").get(pk=member.pk)
        log = LearningRecord.objects.filter(device_id=device, epoch=device)
        sequence = (log.aggregate(Max("sequence"))["sequence__max"] or 0) + 1
        statement = {
            "id": str(uuid.uuid4()),
            "actor": {"account": {"homePage": HOME_PAGE, "name": str(member.member_id)}},
            "verb": {"id": VERB_PREFIX + verb},
            "object": {"id": f"{MATERIAL_PREFIX}{material_id}"},
            "result": dict(result),
            "timestamp": now.isoformat(),
            "context": {"extensions": {SEQUENCE: sequence, OFFSET: 0}},
        }
        line = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return ingest_lines(
            member=member, device_id=device, epoch=device, lines=[line], first_sequence=sequence, received_at=now
        )
