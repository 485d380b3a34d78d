"""高原先锋师资库: teacher profiles; the pool is a query."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class TeacherProfile(models.Model):
    """A teacher (domain.md §4). `private_phone` is never public."""

    class Category(models.TextChoices):
        PARTY_SCHOOL = "party_school", _("党校教师")
        LEADER = "leader", _("领导干部")
        MODEL = "model", _("先进典型")
        TECHNICAL = "technical", _("技术能手")
        GUIDE = "guide", _("讲解员")

    material_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("姓名"), max_length=60)
    category = models.CharField(_("类别"), max_length=16, choices=Category.choices)
    unit = models.CharField(_("单位"), max_length=120, blank=True)
    introduction = models.TextField(_("简介"), blank=True)
    private_phone = models.CharField(_("电话（不公开）"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("教师")
        verbose_name_plural = _("教师")

    def __str__(self) -> str:
        return self.name
