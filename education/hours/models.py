"""The study-hours ledger: entries and reversals under a rule version (domain.md §2).

Append-only three times over: the model refuses a second save and any delete, the queryset refuses bulk
writes, and `education.hours.guard` puts a trigger into the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from education.hours.errors import LedgerIsAppendOnly
from education.members.models import PartyMember


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """A queryset whose rows can be added and read, never changed."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly

    def delete(self) -> NoReturn:
        raise LedgerIsAppendOnly

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> NoReturn:
        raise LedgerIsAppendOnly


class AppendOnlyModel(models.Model):
    """Rows that are written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; raises `LedgerIsAppendOnly` for a row that is already stored."""
        if not self._state.adding:
            raise LedgerIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly


class RuleVersion(AppendOnlyModel):
    """The numbers of one year (`education.hours.rules.RuleNumbers`). A change is a new version, never an edit."""

    year = models.PositiveSmallIntegerField(_("年度"))
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    numbers = models.JSONField(_("数值"), default=dict)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("制定人")
    )
    adopted_at = models.DateTimeField(_("制定时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("学时规则")
        verbose_name_plural = _("学时规则")
        constraints = [models.UniqueConstraint(fields=["year", "version"], name="one_rule_version")]

    def __str__(self) -> str:
        return f"{self.year} · v{self.version}"


class StudyHoursEntry(AppendOnlyModel):
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
    cause = models.CharField(
        max_length=180, db_index=True, help_text="What happened, e.g. selfstudy:<member>:<lesson>:<year>."
    )
    idempotency_key = models.CharField(max_length=200, unique=True)
    evidence = models.JSONField(default=dict)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("学时")
        verbose_name_plural = _("学时")
        indexes = [models.Index(fields=["member", "year"], name="hours_of_a_member")]
