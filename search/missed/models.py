"""Queries that found nothing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MissedQuery(models.Model):
    """Words that found nothing on a day, and how often; nothing tells by whom."""

    text = models.CharField(_("找的词"), max_length=60)
    day = models.DateField(_("日期"), db_index=True)
    count = models.PositiveIntegerField(_("次数"), default=1)

    class Meta:
        verbose_name = _("没找到的词")
        verbose_name_plural = _("没找到的词")
        ordering = ["-day", "-count", "text"]
        constraints = [models.UniqueConstraint(fields=["text", "day"], name="one_row_a_missed_query_and_day")]

    def __str__(self) -> str:
        return self.text
