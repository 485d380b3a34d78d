"""Forms of training in the admin: each offers, and takes, what lies in the person's own tree."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from wagtail.admin.forms import WagtailAdminModelForm

from accounts.authority import ADMINISTRATOR, within_tree
from accounts.choosers import offer
from accounts.models import Organisation, RoleAssignment
from accounts.selectors import ancestor_paths, organisations_for
from education.members.models import PartyMember
from education.training.models import Enrolment, TrainingCampaign, TrainingClass

CAMPAIGN_ROLES = (ADMINISTRATOR, RoleAssignment.Role.EDITOR)
"""Administrators run campaigns, and editors compose the packages for them."""


def campaigns_within(user: Any, rows: QuerySet[TrainingCampaign]) -> QuerySet[TrainingCampaign]:
    """Campaigns that the person may manage."""
    return within_tree(user, rows, "organisation", roles=CAMPAIGN_ROLES)


def classes_within(user: Any, rows: QuerySet[TrainingClass]) -> QuerySet[TrainingClass]:
    """Classes that the person may manage."""
    return within_tree(user, rows, "organisation")


def enrolments_within(user: Any, rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Enrolments that the person may manage: of the own tree's members in the own tree's classes."""
    return within_tree(user, within_tree(user, rows, "training_class__organisation"), "member__branch")


def joinable_campaigns(user: Any) -> QuerySet[TrainingCampaign]:
    """Campaigns that a class of the person's tree may be part of: the tree's own and those of organisations above."""
    rows = TrainingCampaign.objects.all()
    if user.is_superuser:
        return rows
    own = Organisation.objects.filter(role_assignments__user=user, role_assignments__role=ADMINISTRATOR)
    above = {path for organisation in own for path in ancestor_paths(organisation)}
    within = organisations_for(user, ADMINISTRATOR).order_by()
    return rows.filter(Q(organisation__in=within) | Q(organisation__path__in=above))


class TrainingCampaignForm(WagtailAdminModelForm):
    """A campaign of an organisation of the own tree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", within_tree(self.for_user, Organisation.objects.all(), roles=CAMPAIGN_ROLES))


class TrainingClassForm(WagtailAdminModelForm):
    """A class of an organisation of the own tree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", within_tree(self.for_user, Organisation.objects.all()))
        kept = TrainingCampaign.objects.filter(pk=self.instance.campaign_id)
        offer(self, "campaign", joinable_campaigns(self.for_user) | kept)


class EnrolmentForm(WagtailAdminModelForm):
    """A member of the own tree in a class of the own tree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "training_class", classes_within(self.for_user, TrainingClass.objects.all()))
        offer(self, "member", within_tree(self.for_user, PartyMember.objects.all(), "branch"))
