"""Campaigns of training, winter-spring training first."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class TrainingCampaign(models.Model):
    """A season of training run by one organisation."""

    class Kind(models.TextChoices):
        WINTER_SPRING = "winter_spring", _("农牧民党员冬春训")

    kind = models.CharField(_("类型"), max_length=16, choices=Kind.choices, default=Kind.WINTER_SPRING)
    name = models.CharField(_("名称"), max_length=120)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="campaigns", verbose_name=_("主办"))
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))

    class Meta:
        verbose_name = _("培训活动")
        verbose_name_plural = _("培训活动")

    def __str__(self) -> str:
        return self.name
