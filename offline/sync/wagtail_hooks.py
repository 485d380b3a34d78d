"""记录包 in the Wagtail admin: bundles of records as they came, and the decisions about those in quarantine."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail import hooks
from wagtail.admin.ui.tables import Column

from accounts.authority import within_tree
from accounts.models import User
from accounts.viewsets import Reach, RecordViewSet, allow_only
from education.records.decisions import Decision
from education.records.queue_views import QueueFilterSet, QueueInspectView, review_words
from offline.sync.models import REASON_LABELS, RecordBundle
from offline.sync.review import decide_bundle

# Bundles come from devices only.
allow_only(RecordBundle, "view")


class BundleInspectView(QueueInspectView):
    """One bundle."""

    labels = {"epoch": _("记录链"), "sha256": _("校验值")}

    def decide(self, row: RecordBundle, *, outcome: str, why: str, by: User) -> Decision:
        return decide_bundle(row, outcome=outcome, why=why, by=by)


class BundleFilterSet(QueueFilterSet):
    """By review, state and reason."""

    reason = ChoiceFilter(label=_("原因"), choices=list(REASON_LABELS.items()))

    class Meta:
        model = RecordBundle
        fields = ["status", "reason"]


class RecordBundleViewSet(Reach, RecordViewSet):
    """Bundles of the own tree's members; the filter 复核 shows the queue."""

    model = RecordBundle
    icon = "folder-inverse"
    menu_label = _("记录包")
    menu_order = 716
    add_to_admin_menu = True
    list_display = [
        "owner",
        "received_at",
        "status",
        Column("reason", label=_("原因"), accessor="reason_label"),
        Column("review", label=_("复核"), accessor=review_words),
        "first_sequence",
        "last_sequence",
    ]
    filterset_class = BundleFilterSet
    inspect_view_class = BundleInspectView
    ordering = ["-pk"]
    form_fields = ["status"]
    inspect_view_fields = [
        "owner", "device", "epoch", "first_sequence", "last_sequence", "received_at", "status", "reason_label",
        "sha256",
    ]  # fmt: skip

    def within(self, user: Any, rows: QuerySet[RecordBundle]) -> QuerySet[RecordBundle]:
        light = rows.defer("content").select_related("device__member", "decision")
        return within_tree(user, light, "device__member__branch")


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [RecordBundleViewSet("record_bundles")]
