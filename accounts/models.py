"""Who there is: people who sign in, the organisation tree, roles, one-time codes and log-in lockouts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from accounts.errors import LogIsPermanent


class Organisation(MP_Node):
    """A node of the tree province → prefecture → county → township → branch.

    Nodes are made and moved by `accounts.services`, which keeps the order of levels. Siblings lie in the order in
    which they were added: sorting them would rewrite the paths of whole subtrees at every addition.
    """

    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        PREFECTURE = "prefecture", _("市（州）")
        COUNTY = "county", _("县（市、区）")
        TOWNSHIP = "township", _("乡镇（街道）")
        BRANCH = "branch", _("党支部")

    name = models.CharField(_("名称"), max_length=120)
    code = models.SlugField(
        _("代码"), max_length=40, unique=True, help_text=_("小写字母、数字和连字符；用于网址和资源包签名，定后少改。")
    )
    level = models.CharField(_("层级"), max_length=12, choices=Level.choices)

    class Meta:
        verbose_name = _("党组织")
        verbose_name_plural = _("党组织")

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse to delete an organisation that still has some below it: treebeard would take them along."""
        if self.numchild:
            raise models.ProtectedError(
                "下级党组织还在：请先移走或删除下级。/ Move or delete the organisations below first.",
                set(self.get_children()),
            )
        return super().delete(*args, **kwargs)


class PartyBranch(Organisation):
    """An organisation of level branch."""

    class Meta:
        proxy = True
        verbose_name = _("党支部")
        verbose_name_plural = _("党支部")


class User(AbstractUser):
    """An account. A member's account needs neither e-mail nor phone number, nor a password."""

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

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="role_assignments", verbose_name=_("账号")
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="role_assignments", verbose_name=_("党组织")
    )
    role = models.CharField(_("角色"), max_length=24, choices=Role.choices)

    class Meta:
        verbose_name = _("角色")
        verbose_name_plural = _("角色")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                name="one_role_once",
                violation_error_message=_("这个账号在这个组织已经有这个角色。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.organisation}"


class ActivationCode(models.Model):
    """A printed one-time code that opens or recovers an account; only its keyed digest is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="activation_codes")
    digest = models.CharField(max_length=64, unique=True)
    request_id = models.UUIDField(
        null=True, unique=True, help_text="The print request that made it: a reload must not withdraw the printed card."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("一次性激活码")
        verbose_name_plural = _("一次性激活码")


class AccountEventQuerySet(models.QuerySet["AccountEvent"]):
    def update(self, **kwargs: Any) -> int:
        raise LogIsPermanent

    def delete(self) -> tuple[int, dict[str, int]]:
        raise LogIsPermanent


class AccountEvent(models.Model):
    """What happened to an account, by whom; append-only, names no row that could be deleted (domain.md §2)."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("开通账号")
        RECOVERED = "recovered", _("找回账号")
        LOCKED = "locked", _("停用账号")
        UNLOCKED = "unlocked", _("恢复账号")
        ROLE_GIVEN = "role_given", _("授予角色")
        ROLE_TAKEN = "role_taken", _("收回角色")

    at = models.DateTimeField(_("时间"), auto_now_add=True)
    kind = models.CharField(_("事项"), max_length=12, choices=Kind.choices)
    account_id = models.BigIntegerField(null=True)
    account = models.CharField(_("账号"), max_length=150)
    role = models.CharField(_("角色"), max_length=24, blank=True, choices=RoleAssignment.Role.choices)
    organisation = models.CharField(_("党组织代码"), max_length=40, blank=True)
    by = models.CharField(_("经办人"), max_length=150, blank=True, help_text=_("空：由系统或命令完成。"))

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("账号日志")
        verbose_name_plural = _("账号日志")
        ordering = ["-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.account}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append; a row that exists raises `LogIsPermanent`."""
        if self.pk is not None:
            raise LogIsPermanent
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise LogIsPermanent


class LoginThrottle(models.Model):
    """Failed log-ins of one account or one network address, counted in the database so that all processes see them."""

    class Scope(models.TextChoices):
        ACCOUNT = "account", _("账号")
        ADDRESS = "address", _("网络地址")
        CODES = "codes", _("网络地址（激活码）")
        DEVICE = "device", _("登录过的设备")

    scope = models.CharField(max_length=8, choices=Scope.choices)
    key = models.CharField(max_length=64, help_text="Keyed digest of the user name or address, never the plain value.")
    failures = models.PositiveIntegerField(default=0)
    first_failure_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("登录锁定")
        verbose_name_plural = _("登录锁定")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="one_throttle_a_key")]
