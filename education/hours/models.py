"""The study-hours ledger: entries and reversals under a rule version (domain.md §2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from education.members.models import PartyMember


class RuleVersion(models.Model):
    """The numbers of one year, editable, never constants in code."""

    year = models.PositiveSmallIntegerField(_("年度"))
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    numbers = models.JSONField(_("数值"), default=dict)
    adopted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("学时规则")
        verbose_name_plural = _("学时规则")
        constraints = [models.UniqueConstraint(fields=["year", "version"], name="one_rule_version")]


class StudyHoursEntry(models.Model):
    """An entry of the ledger, or the reversal of one; never edited."""

    class Column(models.TextChoices):
        CENTRAL = "central", _("集中培训")
        COLLECTIVE = "collective", _("集体学习")
        SELF_STUDY = "self_study", _("自学")

    member = models.ForeignKey(PartyMember, models.PROTECT, related_name="study_hours")
    column = models.CharField(_("栏目"), max_length=12, choices=Column.choices)
    minutes = models.IntegerField(_("分钟"), help_text="Nominal minutes; negative in a reversal.")
    learned_on = models.DateField(_("学习日期"))
    year = models.PositiveSmallIntegerField(_("年度"))
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=200, unique=True)
    evidence = models.JSONField(default=dict)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("学时")
        verbose_name_plural = _("学时")
