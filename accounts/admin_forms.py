"""Forms of the admin: an organisation with its place in the tree."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from accounts.authority import accounts_within, check_may_grant, check_may_manage, givable_roles, within_tree
from accounts.choosers import offer
from accounts.errors import PersonError
from accounts.models import Organisation, RoleAssignment, User
from accounts.services import attach_organisation, check_levels, move_organisation


class OrganisationForm(WagtailAdminModelForm):
    """Name, code, level and the organisation above; saving attaches or moves the node."""

    parent = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label=_("上级党组织"), help_text=_("只有省级没有上级。")
    )

    class Meta:
        model = Organisation
        fields = ["name", "code", "level"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        candidates = within_tree(self.for_user, Organisation.objects.exclude(level=Organisation.Level.BRANCH))
        candidates = candidates.order_by("path")
        offer(self, "parent", candidates)
        self.fields["parent"].label_from_instance = _indented  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["parent"].initial = self.instance.get_parent()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        parent, level = cleaned.get("parent"), cleaned.get("level")
        if level is None:
            return cleaned
        if parent is None and not self.for_user.is_superuser:
            raise ValidationError(_("请选择您管理范围内的上级党组织；新建省级由系统管理员办理。"))
        try:
            check_levels(parent, level)
            if self.instance.pk:
                for child in Organisation.objects.get(pk=self.instance.pk).get_children():
                    check_levels(Organisation(level=level), child.level)
        except PersonError as error:
            raise ValidationError([error.zh, error.en], code=error.code) from error
        if parent and self.instance.pk and parent.path.startswith(self.instance.path):
            raise ValidationError(_("不能把一个组织移到它自己或它的下级里。请另选上级。"))
        return cleaned

    def save(self, commit: bool = True) -> Organisation:
        parent = self.cleaned_data["parent"]
        if not self.instance.pk:
            return attach_organisation(self.instance, parent=parent)
        saved: Organisation = super().save(commit=commit)
        before = Organisation.objects.get(pk=saved.pk).get_parent()
        if parent and (before is None or before.pk != parent.pk):
            move_organisation(saved, parent=parent)
        return saved


def _indented(organisation: Organisation) -> str:
    return "　" * (organisation.depth - 1) + organisation.name


class RoleAssignmentForm(WagtailAdminModelForm):
    """A role for somebody else, within the giver's tree and below the giver's authority."""

    class Meta:
        model = RoleAssignment
        fields = ["user", "role", "organisation"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        offer(self, "organisation", within_tree(self.for_user, Organisation.objects.order_by("path")))
        offer(self, "user", accounts_within(self.for_user).exclude(pk=self.for_user.pk))
        fields["role"].choices = [("", "---------"), *givable_roles(self.for_user)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"user", "role", "organisation"} <= cleaned.keys():
            try:
                check_may_manage(self.for_user, cleaned["user"])
                check_may_grant(self.for_user, cleaned["role"], cleaned["organisation"])
            except PersonError as error:
                raise ValidationError([error.zh, error.en], code=error.code) from error
        return cleaned


class StaffAccountForm(forms.Form):
    """A new staff account and its first role."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("姓名"), max_length=60)
    username = forms.CharField(
        label=_("登录账号"), max_length=150, validators=[User.username_validator], help_text=_("字母、数字和 @ . + - _")
    )
    role = forms.ChoiceField(label=_("角色"))
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("党组织"), to_field_name="code")

    def __init__(self, *args: Any, for_user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["role"].choices = givable_roles(for_user)
        offer(self, "organisation", within_tree(for_user, Organisation.objects.order_by("path")))
        fields["organisation"].label_from_instance = _indented

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("这个登录账号已经有了，请换一个。"))
        return username
