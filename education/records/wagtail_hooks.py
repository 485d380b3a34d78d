"""The review queue: records in quarantine, to be looked at and decided about. Nothing here changes a record."""

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
from education.records.fold import ANSWERED, COMPLETED, INITIALIZED, PROGRESSED
from education.records.models import REASON_LABELS, LearningRecord
from education.records.queue_views import QueueFilterSet, QueueInspectView, review_words
from education.records.review import decide_record

# Records come from devices only.
allow_only(LearningRecord, "view")


VERB_NAMES = {COMPLETED: _("学完"), ANSWERED: _("做了测验"), INITIALIZED: _("开始学"), PROGRESSED: _("学了一部分")}


def verb_name(record: LearningRecord) -> str:
    """What was done, in words of people."""
    return str(VERB_NAMES.get(record.verb, record.verb))


class RecordInspectView(QueueInspectView):
    """One record."""

    labels = {"statement": _("记录内容")}

    def decide(self, row: LearningRecord, *, outcome: str, why: str, by: User) -> Decision:
        return decide_record(row, outcome=outcome, why=why, by=by)


class RecordFilterSet(QueueFilterSet):
    """By review, state and reason."""

    reason = ChoiceFilter(label=_("原因"), choices=list(REASON_LABELS.items()))

    class Meta:
        model = LearningRecord
        fields = ["status", "reason"]


class LearningRecordViewSet(Reach, RecordViewSet):
    """Study records of the own tree's members with their state; the filter 复核 shows the queue."""

    model = LearningRecord
    icon = "clipboard-list"
    menu_label = _("学习记录")
    menu_order = 715
    add_to_admin_menu = True
    list_display = [
        "member",
        Column("verb", label=_("行为"), accessor=verb_name),
        "status",
        Column("reason", label=_("原因"), accessor="reason_label"),
        Column("review", label=_("复核"), accessor=review_words),
        "sequence",
        "received_at",
    ]
    filterset_class = RecordFilterSet
    inspect_view_class = RecordInspectView
    ordering = ["-pk"]
    form_fields = ["status"]
    inspect_view_fields = [
        "member", "device_id", "epoch", "sequence", "verb", "material_id", "device_time", "occurred_at",
        "received_at", "status", "reason_label", "statement",
    ]  # fmt: skip

    def within(self, user: Any, rows: QuerySet[LearningRecord]) -> QuerySet[LearningRecord]:
        return within_tree(user, rows.select_related("member", "decision"), "member__branch")


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [LearningRecordViewSet("learning_records")]
