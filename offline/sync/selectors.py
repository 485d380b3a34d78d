"""Reads about devices and their chains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from accounts.models import Organisation, RoleAssignment, User
from accounts.selectors import can, has_role, organisations_for
from education.records.decisions import Decision
from education.records.selectors import waiting_for_review
from offline.sync import chain, protocol
from offline.sync.models import BundleDecision, ChainSpan, Device, RecordBundle

REVIEW_SHOWN = 200
REVOKING_ROLES = (RoleAssignment.Role.BRANCH_SECRETARY, RoleAssignment.Role.PROVINCE_ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the server has of one epoch of a device, and what it did with the bundle (record-sync.md §4.7)."""

    device: UUID
    epoch: UUID
    contiguous: int
    head: str
    gaps: tuple[tuple[int, int], ...]
    server_time: datetime
    accepted: int
    duplicate: int
    quarantined: int
    in_review: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "device": str(self.device),
            "epoch": str(self.epoch),
            "contiguous": self.contiguous,
            "head": self.head,
            "gaps": [list(gap) for gap in self.gaps],
            "server_time": self.server_time.isoformat(),
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
            "in_review": self.in_review,
        }


def spans_of(device: Device, epoch: UUID) -> list[chain.Span]:
    """The known stretches of a device's epoch."""
    rows = ChainSpan.objects.filter(device=device, epoch=epoch).order_by("first")
    return [chain.Span(*row) for row in rows.values_list("first", "last", "prev", "head")]


def acknowledgement(device: Device, bundle: RecordBundle, now: datetime) -> Acknowledgement:
    """The answer to a stored bundle; a repeated bundle gets the counts of its first arrival."""
    epoch = bundle.epoch
    if epoch is None:
        raise ValueError("a stored bundle of a device has an epoch")
    counts: RecordBundle | BundleDecision = bundle.decision if was_accepted(bundle) else bundle
    spans = spans_of(device, epoch)
    begun = chain.contiguous(spans)
    return Acknowledgement(
        device=device.device_id,
        epoch=epoch,
        contiguous=begun.last if begun else 0,
        head=begun.head if begun else protocol.chain_start(device.device_id, epoch).hex(),
        gaps=tuple(chain.gaps(spans)),
        server_time=now,
        accepted=counts.accepted,
        duplicate=counts.duplicate,
        quarantined=counts.quarantined,
        in_review=waiting_for_review(device.device_id, epoch),
    )


def was_accepted(bundle: RecordBundle) -> bool:
    """Whether an administrator took the bundle in out of quarantine."""
    decision: BundleDecision | None = getattr(bundle, "decision", None)
    is_fork = bundle.reason == "chain-fork"
    return decision is not None and decision.outcome == Decision.Outcome.ACCEPTED and not is_fork


def may_revoke(user: User, device: Device) -> bool:
    """Whether `user` is the secretary of the device's branch or an administrator above it."""
    return any(can(user, role, device.member.branch) for role in REVOKING_ROLES)


def may_see_devices(user: User) -> bool:
    """Whether `user` answers for anybody's devices."""
    return any(has_role(user, role) for role in REVOKING_ROLES)


def devices_for(user: User) -> QuerySet[Device]:
    """The devices that `user` may revoke, those in use first, then by member."""
    return (
        Device.objects.filter(member__branch__in=_branches(user))
        .select_related("member__branch")
        .order_by(F("revoked_at").asc(nulls_first=True), "member__name", "registered_at")
    )


def bundles_for_review(user: User) -> QuerySet[RecordBundle]:
    """Bundles of those devices that a person should look at, newest first, without their bodies."""
    return (
        RecordBundle.objects.filter(status=RecordBundle.Status.QUARANTINED, decision=None)
        .filter(device__member__branch__in=_branches(user))
        .defer("content")
        .select_related("device__member")
        .order_by("-received_at")[:REVIEW_SHOWN]
    )


def _branches(user: User) -> QuerySet[Organisation]:
    reach = Organisation.objects.none()
    for role in REVOKING_ROLES:
        reach |= organisations_for(user, role)
    return reach.order_by()
