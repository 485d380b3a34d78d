"""Devices and the bundles of records they sent."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from education.members.models import PartyMember


class Device(models.Model):
    """A member's phone or browser: an Ed25519 key and nothing about its owner's whereabouts."""

    device_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(PartyMember, models.PROTECT, related_name="devices")
    public_key = models.CharField(max_length=64, unique=True, help_text="Ed25519, hex.")
    registered_at = models.DateTimeField(auto_now_add=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("设备")
        verbose_name_plural = _("设备")


class RecordBundle(models.Model):
    """A bundle as it arrived, kept for proof; the same bytes twice are one row."""

    class Status(models.TextChoices):
        INGESTED = "ingested", _("已入账")
        QUARANTINED = "quarantined", _("待复核")

    sha256 = models.CharField(max_length=64, unique=True)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="bundles")
    epoch = models.UUIDField(null=True, blank=True)
    first_sequence = models.PositiveBigIntegerField(null=True, blank=True)
    last_sequence = models.PositiveBigIntegerField(null=True, blank=True)
    content = models.BinaryField()
    status = models.CharField(max_length=12, choices=Status.choices)
    reason = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("记录包")
        verbose_name_plural = _("记录包")
