"""Whose packages an editor composes and a reviewer judges: those for campaigns of their own trees."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.snippets.views.chooser import SnippetChooserViewSet

from accounts.authority import within_tree
from accounts.choosers import ReachChooser, offer
from accounts.models import RoleAssignment
from accounts.selectors import can
from accounts.viewsets import Reach
from education.training.models import TrainingCampaign
from offline.packages.models import OfflinePackage

BUILDER = RoleAssignment.Role.EDITOR
READERS = (BUILDER, RoleAssignment.Role.REVIEWER)


def packages_within(user: Any, rows: QuerySet[OfflinePackage]) -> QuerySet[OfflinePackage]:
    """Packages that the person may open."""
    return within_tree(user, rows, "campaign__organisation", roles=READERS)


def may_build(user: Any, package: OfflinePackage) -> bool:
    """Whether the person is an editor where the package's campaign is run."""
    return can(user, BUILDER, package.campaign.organisation)


def _campaigns(request: HttpRequest) -> QuerySet[TrainingCampaign]:
    return within_tree(request.user, TrainingCampaign.objects.all(), "organisation", roles=READERS)


class PackageForm(WagtailAdminModelForm):
    """A package for a campaign of the editor's own tree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reached = within_tree(self.for_user, TrainingCampaign.objects.all(), "organisation", roles=(BUILDER,))
        # A reviewer, who composes nothing, sends the form back as it stands when he decides.
        own = Q(pk__in=reached.values("pk")) | Q(pk=self.instance.campaign_id)
        offer(self, "campaign", TrainingCampaign.objects.filter(own))


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
