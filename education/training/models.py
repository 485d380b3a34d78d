"""Campaigns of training, winter-spring training first, with their classes and who is enrolled."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from education.members.models import PartyMember


class DatedModel(models.Model):
    """Something that runs from one day to another, both included."""

    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("结束日期早于开始日期，请改正。")})


class TrainingCampaign(DatedModel):
    """A season of training run by one organisation."""

    class Kind(models.TextChoices):
        WINTER_SPRING = "winter_spring", _("农牧民党员冬春训")

    kind = models.CharField(_("类型"), max_length=16, choices=Kind.choices, default=Kind.WINTER_SPRING)
    name = models.CharField(_("名称"), max_length=120)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="campaigns", verbose_name=_("主办"))

    class Meta:
        verbose_name = _("培训活动")
        verbose_name_plural = _("培训活动")

    def __str__(self) -> str:
        return self.name


class TrainingClass(DatedModel):
    """培训班: one class of central training; attending it whole counts as one central training."""

    campaign = models.ForeignKey(
        TrainingCampaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="training_classes",
        verbose_name=_("所属培训活动"),
    )
    name = models.CharField(_("名称"), max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="training_classes", verbose_name=_("主办")
    )
    half_days = models.PositiveSmallIntegerField(
        _("课时（半天数）"), default=2, help_text=_("半天折合多少学时，按当年学时规则换算。")
    )

    class Meta:
        verbose_name = _("培训班")
        verbose_name_plural = _("培训班")

    def __str__(self) -> str:
        return self.name


class Enrolment(models.Model):
    """A member's place in a class; hours are credited when attendance is confirmed."""

    training_class = models.ForeignKey(
        TrainingClass, models.PROTECT, related_name="enrolments", verbose_name=_("培训班")
    )
    member = models.ForeignKey(PartyMember, models.PROTECT, related_name="enrolments", verbose_name=_("党员"))
    attended = models.BooleanField(_("已参加"), default=False)

    class Meta:
        verbose_name = _("参训名单")
        verbose_name_plural = _("参训名单")
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "member"],
                name="one_enrolment_a_class",
                violation_error_message=_("这名党员已在名单里。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.training_class}"
