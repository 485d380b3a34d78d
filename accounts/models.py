"""Who there is: people who sign in, the organisation tree, roles and one-time codes."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node


class Organisation(MP_Node):
    """A node of the tree province → prefecture → county → township → branch."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        PREFECTURE = "prefecture", _("市（州）")
        COUNTY = "county", _("县（市、区）")
        TOWNSHIP = "township", _("乡镇（街道）")
        BRANCH = "branch", _("党支部")

    name = models.CharField(_("名称"), max_length=120)
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    level = models.CharField(_("层级"), max_length=12, choices=Level.choices)

    node_order_by = ["code"]

    class Meta:
        verbose_name = _("党组织")
        verbose_name_plural = _("党组织")

    def __str__(self) -> str:
        return self.name


class PartyBranch(Organisation):
    """An organisation of level branch."""

    class Meta:
        proxy = True
        verbose_name = _("党支部")
        verbose_name_plural = _("党支部")


class User(AbstractUser):
    """An account. A member's account needs neither e-mail nor phone number."""

    display_name = models.CharField(_("姓名"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self) -> str:
        return self.display_name or self.username


class RoleAssignment(models.Model):
    """A user's role at one organisation; it reaches everything below that node."""

    class Role(models.TextChoices):
        EDITOR = "editor", _("编辑")
        REVIEWER = "reviewer", _("审核员")
        BRANCH_SECRETARY = "branch_secretary", _("支部书记")
        TRAINER = "trainer", _("教员")
        TOWNSHIP_OPERATOR = "township_operator", _("乡镇操作员")
        PROVINCE_ADMINISTRATOR = "province_administrator", _("省级管理员")

    user = models.ForeignKey(User, models.CASCADE, related_name="role_assignments")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="role_assignments")
    role = models.CharField(_("角色"), max_length=24, choices=Role.choices)

    class Meta:
        verbose_name = _("角色")
        verbose_name_plural = _("角色")
        constraints = [models.UniqueConstraint(fields=["user", "organisation", "role"], name="one_role_once")]


class ActivationCode(models.Model):
    """A printed one-time code that opens or recovers an account; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="activation_codes")
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("一次性激活码")
        verbose_name_plural = _("一次性激活码")
