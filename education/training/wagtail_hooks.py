"""Training campaigns, classes and their rosters in the admin."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.viewsets.model import ModelViewSetGroup

from accounts.viewsets import ReachViewSet
from education.training.admin_forms import (
    EnrolmentForm,
    TrainingCampaignForm,
    TrainingClassForm,
    campaigns_within,
    classes_within,
    enrolments_within,
)
from education.training.models import Enrolment, TrainingCampaign, TrainingClass

_DATES = FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")])


class TrainingCampaignViewSet(ReachViewSet):
    """冬春训 and other seasons."""

    model = TrainingCampaign
    icon = "calendar-alt"
    menu_label = _("培训活动")
    list_display = ["name", "kind", "organisation", "starts_on", "ends_on"]
    list_filter = ["kind"]
    search_fields = ["name"]
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("kind"), FieldPanel("organisation"), _DATES],
        base_form_class=TrainingCampaignForm,
    )

    def within(self, user: Any, rows: QuerySet[TrainingCampaign]) -> QuerySet[TrainingCampaign]:
        return campaigns_within(user, rows)


class TrainingClassViewSet(ReachViewSet):
    """培训班."""

    model = TrainingClass
    icon = "group"
    menu_label = _("培训班")
    list_display = ["name", "campaign", "organisation", "starts_on", "half_days"]
    search_fields = ["name"]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("campaign"),
            FieldPanel("organisation"),
            _DATES,
            FieldPanel("half_days"),
        ],
        base_form_class=TrainingClassForm,
    )

    def within(self, user: Any, rows: QuerySet[TrainingClass]) -> QuerySet[TrainingClass]:
        return classes_within(user, rows)


def _classes(request: HttpRequest) -> QuerySet[TrainingClass]:
    return classes_within(request.user, TrainingClass.objects.all())


class EnrolmentFilterSet(WagtailFilterSet):
    """By class, among those within reach, and by attendance."""

    training_class = django_filters.ModelChoiceFilter(label=_("培训班"), queryset=_classes)

    class Meta:
        model = Enrolment
        fields = ["training_class", "attended"]


class EnrolmentViewSet(ReachViewSet):
    """Who takes part, and whose attendance is confirmed."""

    model = Enrolment
    icon = "user"
    menu_label = _("参训名单")
    list_display = ["training_class", "member", "attended"]
    filterset_class = EnrolmentFilterSet
    edit_handler = ObjectList(
        [FieldPanel("training_class"), FieldPanel("member"), FieldPanel("attended")], base_form_class=EnrolmentForm
    )

    def within(self, user: Any, rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
        return enrolments_within(user, rows)


class TrainingGroup(ModelViewSetGroup):
    """The menu."""

    menu_label = _("培训")
    menu_icon = "calendar-alt"
    menu_order = 300
    items = (TrainingCampaignViewSet, TrainingClassViewSet, EnrolmentViewSet)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [TrainingGroup()]
