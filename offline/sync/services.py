"""Registering and revoking devices; taking in bundles of study records exactly once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from education.members.models import PartyMember
from education.records.services import IngestResult, ingest_lines
from offline.sync import chain, protocol
from offline.sync.errors import (
    BundleError,
    DeviceOfAnother,
    DeviceRevoked,
    DeviceUnknown,
    NotAllowedToRevoke,
    ProofInvalid,
)
from offline.sync.models import ChainSpan, Device, RecordBundle
from offline.sync.selectors import Acknowledgement, acknowledgement, may_revoke, spans_of, was_accepted

logger = logging.getLogger(__name__)

MAX_QUARANTINED_OF_A_DEVICE = 50
"""Whoever knows a device's id must not be able to fill the disk (record-sync.md §4.5)."""
FORK = "chain-fork"


def register_device(*, member: PartyMember, public_key: str, proof: str, challenge: str) -> Device:
    """Register the key a member's phone proved to hold (record-sync.md §1.3); the same key again is the same device.

    Raises ProofInvalid or DeviceOfAnother.
    """
    try:
        key, signature = bytes.fromhex(public_key), bytes.fromhex(proof)
    except ValueError as error:
        raise ProofInvalid from error
    if len(key) != 32 or not protocol.verify_signature(key, signature, protocol.device_proof_message(challenge)):
        raise ProofInvalid
    with transaction.atomic():
        device, created = Device.objects.get_or_create(public_key=key.hex(), defaults={"member": member})
        if device.member_id != member.pk or device.revoked_at is not None:
            raise DeviceOfAnother
    if created:
        logger.info("device %s registered for member %s", device.device_id, member.member_id)
    return device


def revoke_device(*, device: Device, by: User, at: datetime) -> None:
    """Stop taking records from a lost phone; what it delivered stays (record-sync.md §1.4). Repeating is harmless.

    Raises NotAllowedToRevoke.
    """
    if not may_revoke(by, device):
        raise NotAllowedToRevoke
    revoked = Device.objects.filter(pk=device.pk, revoked_at__isnull=True).update(revoked_at=at, revoked_by=by)
    device.refresh_from_db()
    if revoked:
        logger.info("device %s revoked by user %s", device.device_id, by.pk)


def ingest_bundle(body: bytes, *, received_at: datetime) -> Acknowledgement:
    """Take in a bundle (record-sync.md §4): all of it with everything that follows in one transaction, or nothing.

    Raises a BundleError; those that concern a known device leave the bundle in the review list.
    """
    bundle = protocol.parse_bundle(body)
    sha256 = hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic():
            device = Device.objects.select_for_update().filter(device_id=bundle.header.device).first()
            if device is None:
                raise DeviceUnknown
            stored = RecordBundle.objects.filter(sha256=sha256).defer("content").select_related("decision").first()
            if stored is not None and (stored.reason in ("", FORK) or was_accepted(stored)):
                return acknowledgement(device, stored, received_at)
            heads = protocol.verify_bundle(bundle, bytes.fromhex(device.public_key))
            if device.revoked_at is not None:
                raise DeviceRevoked
            stored = _ingest(device, bundle, heads, body, sha256, received_at)
            return acknowledgement(device, stored, received_at)
    except DeviceUnknown:
        raise
    except BundleError as error:
        _quarantine(bundle, body, sha256, error.code)
        raise


def _ingest(
    device: Device,
    bundle: protocol.Bundle,
    heads: Sequence[bytes],
    body: bytes,
    sha256: str,
    received_at: datetime,
) -> RecordBundle:
    header = bundle.header
    result, is_fork = take_in(device, bundle, heads, received_at)
    Device.objects.filter(pk=device.pk).update(last_contact_at=received_at)
    return RecordBundle.objects.create(
        sha256=sha256,
        device=device,
        epoch=header.epoch,
        first_sequence=header.first,
        last_sequence=header.last,
        content=body,
        accepted=result.accepted,
        duplicate=result.duplicate,
        quarantined=result.quarantined,
        status=RecordBundle.Status.QUARANTINED if is_fork else RecordBundle.Status.INGESTED,
        reason=FORK if is_fork else "",
    )


def take_in(
    device: Device, bundle: protocol.Bundle, heads: Sequence[bytes], received_at: datetime
) -> tuple[IngestResult, bool]:
    """Ingest a verified bundle's lines and learn of its chain; whether it is a fork. The device's row is locked."""
    header = bundle.header
    known = spans_of(device, header.epoch)
    arrival = chain.judge(known, header, [head.hex() for head in heads])
    result = ingest_lines(
        member=device.member,
        device_id=device.device_id,
        epoch=header.epoch,
        lines=list(bundle.lines),
        first_sequence=header.first,
        received_at=received_at,
    )
    if not arrival.fork:
        _write_spans(device, header.epoch, known, arrival.spans)
    return result, arrival.fork


def _write_spans(device: Device, epoch: UUID, before: Sequence[chain.Span], after: Sequence[chain.Span]) -> None:
    """Store what changed; the device's row is locked, so nobody else is writing its spans."""
    stored = ChainSpan.objects.filter(device=device, epoch=epoch)
    firsts = {span.first for span in before}
    gone = firsts - {span.first for span in after}
    if gone:
        stored.filter(first__in=gone).delete()
    for span in set(after) - set(before):
        if span.first in firsts:
            stored.filter(first=span.first).update(last=span.last, prev=span.prev, head=span.head)
        else:
            ChainSpan.objects.create(device=device, epoch=epoch, **asdict(span))


def _quarantine(bundle: protocol.Bundle, body: bytes, sha256: str, reason: str) -> None:
    """Keep a refused bundle of a known device for review (record-sync.md §4.5), once and within the limit."""
    with transaction.atomic():
        device = Device.objects.select_for_update().get(device_id=bundle.header.device)
        kept = RecordBundle.objects.filter(device=device, status=RecordBundle.Status.QUARANTINED, decision=None)
        if kept.exclude(reason=FORK).count() >= MAX_QUARANTINED_OF_A_DEVICE:
            logger.warning("device %s: too many quarantined bundles, %s not kept (%s)", device, sha256, reason)
            return
        RecordBundle.objects.get_or_create(
            sha256=sha256,
            defaults={
                "device": device,
                "epoch": bundle.header.epoch,
                "first_sequence": bundle.header.first,
                "last_sequence": bundle.header.last,
                "content": body,
                "quarantined": bundle.header.count,
                "status": RecordBundle.Status.QUARANTINED,
                "reason": reason,
            },
        )
