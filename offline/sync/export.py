"""What is kept of a member's phones, for the member's own data."""

from __future__ import annotations

import base64
from typing import Any

from education.members.models import PartyMember
from education.records.decisions import decision_document
from offline.sync.models import Device, RecordBundle


def devices_document(member: PartyMember) -> list[dict[str, Any]]:
    """Every phone that was registered."""
    return [
        {
            "device_id": str(device.device_id),
            "public_key": device.public_key,
            "registered_at": device.registered_at.isoformat(),
            "last_contact_at": device.last_contact_at.isoformat() if device.last_contact_at else None,
            "revoked_at": device.revoked_at.isoformat() if device.revoked_at else None,
        }
        for device in Device.objects.filter(member=member).order_by("pk")
    ]


def bundles_document(member: PartyMember) -> list[dict[str, Any]]:
    """Every bundle of records that is kept, byte for byte; those that were taken in say the same as `records`."""
    kept = RecordBundle.objects.filter(device__member=member).select_related("device", "decision__by")
    return [
        {
            "device_id": str(bundle.device.device_id) if bundle.device else None,
            "received_at": bundle.received_at.isoformat(),
            "epoch": str(bundle.epoch) if bundle.epoch else None,
            "sequences": [bundle.first_sequence, bundle.last_sequence],
            "status": bundle.get_status_display(),
            "reason": bundle.reason_label,
            "review": decision_document(bundle),
            "sha256": bundle.sha256,
            "content": base64.b64encode(bytes(bundle.content)).decode(),
        }
        for bundle in kept.order_by("pk")
    ]
