"""Study records as they arrived; every state is a fold over them (offline.md §5)."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from education.members.models import PartyMember
from education.records.decisions import Decision
from education.records.statements import Reason

REASON_LABELS: dict[str, Any] = {
    Reason.TOO_LONG: _("内容过长"),
    Reason.MALFORMED: _("内容无法识别"),
    Reason.WRONG_ACTOR: _("记录的不是本人"),
    Reason.WRONG_SEQUENCE: _("序号与所在位置不符"),
    Reason.UNKNOWN_VERB: _("记录了本系统不认识的行为"),
    Reason.UNKNOWN_MATERIAL: _("学习内容还没有发布（发布后自动入账）"),
    Reason.PLACE_CONFLICT: _("同一序号有两种内容（手机可能被复制）"),
    Reason.ID_CONFLICT: _("同一编号有两种内容"),
}
"""Why a record waits, in words."""


class LearningRecordQuerySet(models.QuerySet["LearningRecord"]):
    def counted(self) -> LearningRecordQuerySet:
        """Records that states and hours are made of: accepted as they came, or accepted out of quarantine."""
        accepted = models.Q(decision__outcome=Decision.Outcome.ACCEPTED)
        return self.filter(models.Q(status=LearningRecord.Status.ACCEPTED) | accepted)


class LearningRecord(models.Model):
    """One line of a device's log; names its material by id, never by foreign key.

    The line is kept byte for byte, so that its chain can be proved again; a line that is no valid
    statement is kept as well, in quarantine.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("已接收")
        QUARANTINED = "quarantined", _("待复核")

    member = models.ForeignKey(PartyMember, models.PROTECT, related_name="learning_records", verbose_name=_("党员"))
    device_id = models.UUIDField(_("设备"))
    epoch = models.UUIDField(_("记录链"))
    sequence = models.PositiveBigIntegerField(_("序号"))
    line = models.BinaryField()
    line_sha256 = models.CharField(max_length=64)
    statement_id = models.UUIDField(_("记录编号"), null=True)
    verb = models.CharField(
        _("行为"), max_length=16, blank=True, help_text="completed, answered, initialized or progressed."
    )
    material_id = models.UUIDField(_("学习内容"), null=True)
    device_time = models.CharField(
        _("设备时钟"), max_length=40, blank=True, help_text="The device's own clock, untouched."
    )
    occurred_at = models.DateTimeField(
        _("推定时间"), help_text="The true time as bounded by `education.records.times`."
    )
    is_time_estimated = models.BooleanField(
        _("时间为推算"), default=False, help_text="The device's clock lay outside of what is certain."
    )
    received_at = models.DateTimeField(_("收到时间"), default=timezone.now)
    status = models.CharField(_("状态"), max_length=12, choices=Status.choices, default=Status.ACCEPTED)
    reason = models.CharField(_("原因"), max_length=40, blank=True)

    objects = LearningRecordQuerySet.as_manager()

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
                fields=["member", "statement_id"],
                condition=models.Q(status="accepted"),
                name="one_accepted_record_an_id",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "material_id"], name="records_of_a_member"),
            models.Index(fields=["member", "statement_id"], name="records_by_id"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} · {self.material_id}"

    @property
    @admin.display(description=_("原因"))
    def reason_label(self) -> str:
        """Why the record waits, in words."""
        return str(REASON_LABELS.get(self.reason, self.reason))

    @property
    def is_counted(self) -> bool:
        """Whether it belongs to `counted()`."""
        decision: RecordDecision | None = getattr(self, "decision", None)
        is_accepted = decision is not None and decision.outcome == Decision.Outcome.ACCEPTED
        return self.status == self.Status.ACCEPTED or is_accepted

    @property
    def statement(self) -> dict[str, Any]:
        """The xAPI statement; empty when the line is not one."""
        try:
            parsed = json.loads(bytes(self.line))
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


class RecordDecision(Decision):
    """What an administrator decided about a record in quarantine (`education.records.review`)."""

    record = models.OneToOneField(LearningRecord, models.PROTECT, related_name="decision", verbose_name=_("学习记录"))

    class Meta:
        verbose_name = _("学习记录的复核")
        verbose_name_plural = _("学习记录的复核")
        default_permissions = ()
