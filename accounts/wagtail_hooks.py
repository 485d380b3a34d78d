"""Organisations and roles in the admin."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSetGroup

from accounts.admin_forms import OrganisationForm
from accounts.choosers import WordFilterForm
from accounts.models import Organisation, RoleAssignment, User
from accounts.viewsets import ListViewSet


class OrganisationViewSet(ListViewSet):
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


class RoleAssignmentViewSet(ListViewSet):
    """Who holds which role where; a change is a new assignment."""

    model = RoleAssignment
    icon = "key"
    menu_label = _("角色")
    list_display = ["user", "role", "organisation"]
    list_filter = ["role"]
    panels = [FieldPanel("user"), FieldPanel("role"), FieldPanel("organisation")]


class PeopleGroup(ModelViewSetGroup):
    """The menu."""

    menu_label = _("组织与角色")
    menu_icon = "group"
    menu_order = 700
    items = (OrganisationViewSet, RoleAssignmentViewSet)


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


class OrganisationChooserViewSet(ChooserViewSet):
    """Twenty thousand organisations are searched, not scrolled."""

    model = Organisation
    icon = "sitemap"
    choose_one_text = _("选择党组织")
    choose_another_text = _("换一个党组织")
    choose_view_class = OrganisationChooseView
    choose_results_view_class = OrganisationResultsView


class UserChooserViewSet(ChooserViewSet):
    """Accounts are searched, not scrolled."""

    model = User
    icon = "user"
    choose_one_text = _("选择账号")
    choose_another_text = _("换一个账号")
    choose_view_class = UserChooseView
    choose_results_view_class = UserResultsView


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [
        PeopleGroup(),
        OrganisationChooserViewSet("organisation_chooser", url_prefix="organisation-chooser"),
        UserChooserViewSet("account_chooser", url_prefix="account-chooser"),
    ]
