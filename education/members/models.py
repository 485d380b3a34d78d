"""Party members, apart from the accounts they sign in with."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from education.members.rules import plausible_duty_date


class PartyMember(models.Model):
    """A member of one branch. Neither religion, ethnicity nor whereabouts are kept (domain.md §2)."""

    class Duty(models.TextChoices):
        MEMBER = "member", _("党员")
        COMMITTEE = "committee", _("支部委员")
        SECRETARY = "secretary", _("支部书记")
        CANDIDATE = "candidate", _("发展对象")

    member_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="party_member",
        verbose_name=_("账号"),
    )
    branch = models.ForeignKey(Organisation, models.PROTECT, related_name="members", verbose_name=_("所在支部"))
    name = models.CharField(_("姓名"), max_length=60)
    duty = models.CharField(_("身份"), max_length=12, choices=Duty.choices, default=Duty.MEMBER)
    duty_since = models.DateField(
        _("任职日期"),
        null=True,
        blank=True,
        validators=[plausible_duty_date],
        help_text=_("新任书记要在任职半年内参加集中培训，请填任职日期。"),
    )
    deletion_requested_at = models.DateTimeField(_("申请注销时间"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("注销时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("党员")
        verbose_name_plural = _("党员")

    def __str__(self) -> str:
        return self.name
