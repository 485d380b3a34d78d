"""Training campaigns, classes and their rosters in the admin."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.viewsets.model import ModelViewSetGroup

from accounts.viewsets import ListViewSet
from education.training.models import Enrolment, TrainingCampaign, TrainingClass

_DATES = FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")])


class TrainingCampaignViewSet(ListViewSet):
    """冬春训 and other seasons."""

    model = TrainingCampaign
    icon = "calendar-alt"
    menu_label = _("培训活动")
    list_display = ["name", "kind", "organisation", "starts_on", "ends_on"]
    list_filter = ["kind"]
    search_fields = ["name"]
    panels = [FieldPanel("name"), FieldPanel("kind"), FieldPanel("organisation"), _DATES]


class TrainingClassViewSet(ListViewSet):
    """培训班."""

    model = TrainingClass
    icon = "group"
    menu_label = _("培训班")
    list_display = ["name", "campaign", "organisation", "starts_on", "half_days"]
    search_fields = ["name"]
    panels = [
        FieldPanel("name"),
        FieldPanel("campaign"),
        FieldPanel("organisation"),
        _DATES,
        FieldPanel("half_days"),
    ]


class EnrolmentViewSet(ListViewSet):
    """Who takes part, and whose attendance is confirmed."""

    model = Enrolment
    icon = "user"
    menu_label = _("参训名单")
    list_display = ["training_class", "member", "attended"]
    list_filter = ["training_class", "attended"]
    panels = [FieldPanel("training_class"), FieldPanel("member"), FieldPanel("attended")]


class TrainingGroup(ModelViewSetGroup):
    """The menu."""

    menu_label = _("培训")
    menu_icon = "calendar-alt"
    menu_order = 300
    items = (TrainingCampaignViewSet, TrainingClassViewSet, EnrolmentViewSet)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [TrainingGroup()]
