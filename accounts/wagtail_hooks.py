"""Organisations and roles in the admin."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSetGroup

from accounts.admin_forms import OrganisationForm, RoleAssignmentForm
from accounts.authority import ADMINISTRATOR, BELOW_ADMINISTRATORS, accounts_within, within_tree
from accounts.choosers import ReachChooser, WordFilterForm
from accounts.models import AccountEvent, Organisation, RoleAssignment, User
from accounts.selectors import has_role
from accounts.staff_views import StaffViewSet
from accounts.viewsets import ReachViewSet, RecordViewSet, allow_only


class OrganisationViewSet(ReachViewSet):
    """The organisation tree, in tree order."""

    model = Organisation
    icon = "sitemap"
    menu_label = _("党组织")
    list_display = ["name", "level", "code"]
    list_filter = ["level"]
    search_fields = ["name", "code"]
    ordering = ["path"]

    def get_form_class(self, for_update: bool = False) -> type[OrganisationForm]:
        return OrganisationForm

    def within(self, user: Any, rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
        """What lies below the own nodes; those themselves are their superiors' affair."""
        reached = within_tree(user, rows)
        if user.is_superuser:
            return reached
        return reached.exclude(role_assignments__in=RoleAssignment.objects.filter(user=user, role=ADMINISTRATOR))


class RoleAssignmentViewSet(ReachViewSet):
    """Who holds which role where; a change is a new assignment."""

    model = RoleAssignment
    icon = "key"
    menu_label = _("角色")
    list_display = ["user", "role", "organisation"]
    list_filter = ["role"]
    edit_handler = ObjectList(
        [FieldPanel("user"), FieldPanel("role"), FieldPanel("organisation")], base_form_class=RoleAssignmentForm
    )

    def within(self, user: Any, rows: QuerySet[RoleAssignment]) -> QuerySet[RoleAssignment]:
        """Other people's roles in the own tree that this person might have given."""
        reached = within_tree(user, rows, "organisation").exclude(user=user)
        return reached if user.is_superuser else reached.filter(role__in=BELOW_ADMINISTRATORS)


class AccountEventViewSet(RecordViewSet):
    """What happened to accounts; for whoever holds the right to look, which no role brings along."""

    model = AccountEvent
    icon = "history"
    menu_label = _("账号日志")
    list_display = ["at", "kind", "account", "role", "organisation", "by"]
    list_filter = ["kind"]
    search_fields = ["account", "by"]
    inspect_view_fields = ["at", "kind", "account", "role", "organisation", "by"]
    form_fields = ["kind"]


allow_only(RoleAssignment, "view", "add", "delete")
allow_only(AccountEvent, "view")


class PeopleGroup(ModelViewSetGroup):
    """The menu."""

    menu_label = _("组织与角色")
    menu_icon = "group"
    menu_order = 700
    items = (OrganisationViewSet, StaffViewSet, RoleAssignmentViewSet, AccountEventViewSet)


class OrganisationFilterForm(WordFilterForm):
    columns = ("name", "code")


class UserFilterForm(WordFilterForm):
    columns = ("display_name", "username")


class OrganisationChooseView(ChooseView):
    filter_form_class = OrganisationFilterForm
    ordering = ["path"]


class OrganisationResultsView(ChooseResultsView):
    filter_form_class = OrganisationFilterForm
    ordering = ["path"]


class UserChooseView(ChooseView):
    filter_form_class = UserFilterForm
    ordering = ["display_name", "username"]


class UserResultsView(ChooseResultsView):
    filter_form_class = UserFilterForm
    ordering = ["display_name", "username"]


class OrganisationChooserViewSet(ReachChooser, ChooserViewSet):
    """Twenty thousand organisations are searched, not scrolled: for roles and members, and for campaigns."""

    model = Organisation
    icon = "sitemap"
    choose_one_text = _("选择党组织")
    choose_another_text = _("换一个党组织")
    choose_view_class = OrganisationChooseView
    choose_results_view_class = OrganisationResultsView

    def within(self, user: Any, rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
        return within_tree(user, rows, roles=(ADMINISTRATOR, RoleAssignment.Role.EDITOR))

    def may_choose(self, user: Any) -> bool:
        return has_role(user, ADMINISTRATOR) or has_role(user, RoleAssignment.Role.EDITOR)


class UserChooserViewSet(ReachChooser, ChooserViewSet):
    """Accounts are searched, not scrolled."""

    model = User
    icon = "user"
    choose_one_text = _("选择账号")
    choose_another_text = _("换一个账号")
    choose_view_class = UserChooseView
    choose_results_view_class = UserResultsView

    def within(self, user: Any, rows: QuerySet[User]) -> QuerySet[User]:
        return rows.filter(pk__in=accounts_within(user).values("pk"))

    def may_choose(self, user: Any) -> bool:
        return has_role(user, ADMINISTRATOR)


@hooks.register("construct_reports_menu")
def no_history_of_everything(request: HttpRequest, menu_items: list[Any]) -> None:
    """`accounts.site_history` refuses it to whoever does not see every organisation."""
    if not request.user.is_superuser:
        menu_items[:] = [item for item in menu_items if item.name != "site-history"]


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [
        PeopleGroup(),
        OrganisationChooserViewSet("organisation_chooser", url_prefix="organisation-chooser"),
        UserChooserViewSet("account_chooser", url_prefix="account-chooser"),
    ]
