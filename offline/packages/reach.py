"""Whose packages an editor composes and a reviewer judges: those for campaigns of their own trees."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.snippets.views.chooser import SnippetChooserViewSet

from accounts.authority import within_tree
from accounts.choosers import ReachChooser, offer
from accounts.models import RoleAssignment
from accounts.viewsets import Reach
from education.training.models import TrainingCampaign
from offline.packages.models import OfflinePackage

BUILDER = RoleAssignment.Role.EDITOR
READERS = (BUILDER, RoleAssignment.Role.REVIEWER)


def packages_within(user: Any, rows: QuerySet[OfflinePackage]) -> QuerySet[OfflinePackage]:
    """Packages that the person may open."""
    return within_tree(user, rows, "campaign__organisation", roles=READERS)


def _campaigns(request: HttpRequest) -> QuerySet[TrainingCampaign]:
    return within_tree(request.user, TrainingCampaign.objects.all(), "organisation", roles=READERS)


class PackageForm(WagtailAdminModelForm):
    """A package for a campaign of the editor's own tree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = TrainingCampaign.objects.all()
        offer(self, "campaign", within_tree(self.for_user, rows, "organisation", roles=(BUILDER,)))


class PackageFilterSet(WagtailFilterSet):
    """By campaign, among those within reach."""

    campaign = django_filters.ModelChoiceFilter(label=_("培训活动"), queryset=_campaigns)

    class Meta:
        model = OfflinePackage
        fields = ["campaign"]


class PackageReach(Reach):
    """Mixin for the admin's pages of packages."""

    def within(self, user: Any, rows: QuerySet[OfflinePackage]) -> QuerySet[OfflinePackage]:
        return packages_within(user, rows)


class PackageChooserViewSet(ReachChooser, SnippetChooserViewSet):
    """Wagtail makes a chooser for every snippet."""

    def within(self, user: Any, rows: QuerySet[OfflinePackage]) -> QuerySet[OfflinePackage]:
        return packages_within(user, rows)

    def may_choose(self, user: Any) -> bool:
        return bool(user.has_perm("packages.change_offlinepackage"))
