"""Deciding about a bundle in quarantine (docs/spec/record-sync.md §4.9).

The bundle stays as it came. An accepted one of a revoked phone is taken in as it would have been on the day it
arrived; a rejected one leaves the queue. What nobody can prove — a wrong signature, a chain that does not fit — can
be rejected only: a person's word does not make up for it (§5.3).
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from education.records.decisions import Decision, already_decided, check_may_decide, checked_reason
from education.records.errors import NotAcceptable, NothingToDecide
from education.records.services import IngestResult
from offline.sync import protocol
from offline.sync.errors import BundleError, DeviceRevoked
from offline.sync.models import BundleDecision, Device, RecordBundle
from offline.sync.services import FORK, take_in


def decide_bundle(bundle: RecordBundle, *, outcome: str, why: str, by: User) -> BundleDecision:
    """Accept or reject a bundle in quarantine, once: the same decision again gives the first one back.

    Raises `WhyMissing`, `accounts.errors.NotPermitted`, `AlreadyDecided`, `NothingToDecide` or `NotAcceptable`.
    """
    words = checked_reason(why)
    with transaction.atomic():
        device = Device.objects.select_for_update(of=("self",)).select_related("member__branch").get(bundles=bundle)
        check_may_decide(by, device.member.branch)
        fresh = RecordBundle.objects.get(pk=bundle.pk)
        earlier = BundleDecision.objects.filter(bundle=fresh).select_related("by").first()
        if earlier is not None and already_decided(earlier, outcome):
            return earlier
        if fresh.status != RecordBundle.Status.QUARANTINED:
            raise NothingToDecide
        result = IngestResult()
        if outcome == Decision.Outcome.ACCEPTED and fresh.reason != FORK:
            result = _take_in(device, fresh)
        return BundleDecision.objects.create(
            bundle=fresh,
            outcome=outcome,
            why=words,
            by=by,
            accepted=result.accepted,
            duplicate=result.duplicate,
            quarantined=result.quarantined,
        )


def _take_in(device: Device, stored: RecordBundle) -> IngestResult:
    """Ingest the bundle's lines; those of a fork were ingested when it came, and wait one by one where they clash."""
    if stored.reason != DeviceRevoked.code:
        raise NotAcceptable(why="记录包的签名或顺序链对不上", why_en="its signature or its chain does not fit")
    try:
        bundle = protocol.parse_bundle(bytes(stored.content))
        heads = protocol.verify_bundle(bundle, bytes.fromhex(device.public_key))
    except BundleError as error:
        raise NotAcceptable(why=error.zh, why_en=error.en) from error
    return take_in(device, bundle, heads, stored.received_at)[0]
