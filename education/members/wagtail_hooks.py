"""Party members in the admin."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from accounts.authority import within_tree
from accounts.choosers import ReachChooser, WordFilterForm, offer
from accounts.models import Organisation
from accounts.services import open_account
from accounts.viewsets import ReachViewSet
from education.members.models import PartyMember


class PartyMemberForm(WagtailAdminModelForm):
    """A member; a new one gets an account that signs in by printed code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branches = within_tree(self.for_user, Organisation.objects.filter(level=Organisation.Level.BRANCH))
        offer(self, "branch", branches)

    def save(self, commit: bool = True) -> PartyMember:
        if self.instance.pk is None:
            self.instance.user = open_account(name=self.cleaned_data["name"])
        saved: PartyMember = super().save(commit=commit)
        return saved


class PartyMemberViewSet(ReachViewSet):
    """Members of the branches in the own tree, for the administrator."""

    model = PartyMember
    icon = "user"
    menu_label = _("党员")
    menu_order = 705
    add_to_admin_menu = True
    list_display = ["name", "branch", "duty", "deletion_requested_at"]
    list_filter = ["duty"]
    search_fields = ["name"]
    ordering = ["branch__path", "name"]
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("branch"), FieldPanel("duty"), FieldPanel("duty_since")],
        base_form_class=PartyMemberForm,
    )

    def within(self, user: Any, rows: QuerySet[PartyMember]) -> QuerySet[PartyMember]:
        return within_tree(user, rows, "branch")


class MemberFilterForm(WordFilterForm):
    columns = ("name", "branch__name")


class _MemberChoices:
    filter_form_class = MemberFilterForm
    ordering = ["name", "pk"]


class MemberChooseView(_MemberChoices, ChooseView):
    pass


class MemberResultsView(_MemberChoices, ChooseResultsView):
    pass


CHOOSING_RIGHTS = (
    "members.add_partymember",
    "members.change_partymember",
    "training.add_enrolment",
    "training.change_enrolment",
)
"""Who has one of them has members to choose."""


class PartyMemberChooserViewSet(ReachChooser, ChooserViewSet):
    """Members of the own tree are searched, not scrolled."""

    model = PartyMember
    icon = "user"
    choose_one_text = _("选择党员")
    choose_another_text = _("换一名党员")
    choose_view_class = MemberChooseView
    choose_results_view_class = MemberResultsView

    def within(self, user: Any, rows: QuerySet[PartyMember]) -> QuerySet[PartyMember]:
        return within_tree(user, rows.filter(erased_at=None).select_related("branch"), "branch")

    def may_choose(self, user: Any) -> bool:
        return any(user.has_perm(right) for right in CHOOSING_RIGHTS)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [PartyMemberViewSet(), PartyMemberChooserViewSet("member_chooser", url_prefix="member-chooser")]
