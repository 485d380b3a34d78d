"""Devices, the bundles of records they sent and what is known of their chains."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from education.members.models import PartyMember
from education.records.decisions import Decision

REASON_LABELS = {
    "bundle-signature-invalid": _("签名不对"),
    "bundle-chain-broken": _("顺序链对不上"),
    "chain-fork": _("同一序号有两种内容（手机可能被复制）"),
    "device-revoked": _("手机已停用"),
}


class DeviceQuerySet(models.QuerySet["Device"]):
    def active(self) -> DeviceQuerySet:
        """Devices whose records are taken."""
        return self.filter(revoked_at__isnull=True)


class Device(models.Model):
    """A member's phone or browser: an Ed25519 key and nothing about its owner's whereabouts."""

    device_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(PartyMember, models.PROTECT, related_name="devices", verbose_name=_("党员"))
    public_key = models.CharField(_("公钥"), max_length=64, unique=True, help_text="Ed25519, hex.")
    registered_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    last_contact_at = models.DateTimeField(_("最近同步"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("停用人")
    )

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("设备")
        verbose_name_plural = _("设备")

    def __str__(self) -> str:
        return str(self.device_id)


class RecordBundle(models.Model):
    """A bundle as it arrived, kept for proof; the same bytes twice are one row."""

    class Status(models.TextChoices):
        INGESTED = "ingested", _("已入账")
        QUARANTINED = "quarantined", _("待复核")

    sha256 = models.CharField(max_length=64, unique=True)
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="bundles", verbose_name=_("设备")
    )
    epoch = models.UUIDField(null=True, blank=True)
    first_sequence = models.PositiveBigIntegerField(_("起始序号"), null=True, blank=True)
    last_sequence = models.PositiveBigIntegerField(_("结束序号"), null=True, blank=True)
    content = models.BinaryField()
    accepted = models.PositiveIntegerField(default=0, help_text="Lines that were new.")
    duplicate = models.PositiveIntegerField(default=0, help_text="Lines that were known.")
    quarantined = models.PositiveIntegerField(default=0, help_text="Lines set aside for review.")
    status = models.CharField(_("状态"), max_length=12, choices=Status.choices)
    reason = models.CharField(_("原因"), max_length=60, blank=True)
    received_at = models.DateTimeField(_("收到时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("记录包")
        verbose_name_plural = _("记录包")

    def __str__(self) -> str:
        return f"{self.first_sequence}–{self.last_sequence}"

    @property
    @admin.display(description=_("党员"))
    def owner(self) -> str:
        """Whose phone sent it."""
        return str(self.device.member) if self.device else "—"

    @property
    @admin.display(description=_("原因"))
    def reason_label(self) -> str:
        """Why the bundle waits, in words."""
        return str(REASON_LABELS.get(self.reason, self.reason))


class BundleDecision(Decision):
    """What an administrator decided about a bundle in quarantine (`offline.sync.review`), and what it brought."""

    bundle = models.OneToOneField(RecordBundle, models.PROTECT, related_name="decision", verbose_name=_("记录包"))
    accepted = models.PositiveIntegerField(default=0, help_text="Lines that were new.")
    duplicate = models.PositiveIntegerField(default=0, help_text="Lines that were known.")
    quarantined = models.PositiveIntegerField(default=0, help_text="Lines set aside for review.")

    class Meta:
        verbose_name = _("记录包的复核")
        verbose_name_plural = _("记录包的复核")
        default_permissions = ()


class ChainSpan(models.Model):
    """A stretch of a device's chain that is known without a hole: its ends and their hashes (record-sync.md §4.4).

    `prev` is h_{first-1}; `head` is h_last. Stretches that touch are merged, so a complete log is one row.
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="spans")
    epoch = models.UUIDField()
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    prev = models.CharField(max_length=64)
    head = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("记录链段")
        verbose_name_plural = _("记录链段")
        constraints = [models.UniqueConstraint(fields=["device", "epoch", "first"], name="one_span_a_beginning")]
