"""Study records as they arrived; every state is a fold over them (offline.md §5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from education.members.models import PartyMember


class LearningRecord(models.Model):
    """One xAPI statement from a device; names its material by id, never by foreign key."""

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("已接收")
        QUARANTINED = "quarantined", _("待复核")

    statement_id = models.UUIDField()
    member = models.ForeignKey(PartyMember, models.PROTECT, related_name="learning_records")
    device_id = models.UUIDField()
    epoch = models.UUIDField()
    sequence = models.PositiveBigIntegerField()
    verb = models.CharField(max_length=40)
    material_id = models.UUIDField()
    revision_sha256 = models.CharField(max_length=64, blank=True)
    statement = models.JSONField()
    line_sha256 = models.CharField(max_length=64)
    device_time = models.CharField(max_length=40)
    received_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACCEPTED)
    reason = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("学习记录")
        verbose_name_plural = _("学习记录")
        constraints = [
            models.UniqueConstraint(
                fields=["device_id", "epoch", "sequence", "line_sha256"], name="one_record_a_chain_place"
            ),
            models.UniqueConstraint(
                fields=["device_id", "epoch", "sequence"],
                condition=models.Q(status="accepted"),
                name="one_accepted_record_a_chain_place",
            ),
            models.UniqueConstraint(
                fields=["statement_id"], condition=models.Q(status="accepted"), name="one_accepted_record_an_id"
            ),
        ]
