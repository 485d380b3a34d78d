"""The reviewer's desk: what stands above the form of an item that this person may decide now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from wagtail.models import Page, TaskState

from cms.review import ledger, rules, selectors
from cms.review.guard import Reviewed
from cms.review.models import ReviewRecord, ReviewStageState


@dataclass(frozen=True)
class Desk:
    """What a reviewer needs for one decision. Empty addresses: there is none for this item."""

    state: ReviewStageState
    title: str
    stage_name: str
    submitted_by: str
    exhibit_template: str
    exhibit: dict[str, Any]
    approve_url: str
    return_url: str
    compare_url: str
    preview_url: str
    form_id: str
    blockers: list[Any] = field(default_factory=list)
    records: list[ReviewRecord] = field(default_factory=list)
    """What was decided on this very draft in this run: what counts."""
    asked_for: ReviewRecord | None = None
    """The return, earlier in this run, that this draft answers."""
    former: list[ReviewRecord] = field(default_factory=list)
    """Every older decision on the material, for the curious; none of them counts for this draft."""

    @property
    def may_approve(self) -> bool:
        return not self.blockers


def desk_of(instance: Any, user: Any) -> Desk | None:
    """The desk; None where this person has nothing to decide.

    An item may bring what is to be looked at: `review_exhibit_template` (a template) and `review_exhibit()` (its
    context).
    """
    if not isinstance(instance, Reviewed):
        return None
    state = instance.current_workflow_task_state  # type: ignore[attr-defined]
    if not isinstance(state, ReviewStageState) or state.status != TaskState.STATUS_IN_PROGRESS:
        return None
    if ledger.refusal(state, user, rules.Decision.RETURNED):
        return None
    stage = state.task.specific.stage
    judged = state.revision.as_object()
    exhibit = getattr(judged, "review_exhibit", None)
    records, former = this_round(selectors.records_of(instance.review_material_id), state)
    return Desk(
        state=state,
        title=str(judged),
        stage_name=rules.STAGE_NAMES[stage],
        submitted_by=str(state.workflow_state.requested_by or ""),
        exhibit_template=getattr(judged, "review_exhibit_template", ""),
        exhibit=exhibit() if exhibit is not None else {},
        approve_url=_action_url(instance, "approve", state),
        return_url=_action_url(instance, "reject", state),
        compare_url=_compare_url(instance, state),
        preview_url=_preview_url(instance, state),
        form_id="page-edit-form" if isinstance(instance, Page) else "w-editor-form",
        blockers=ledger.blockers(state) if stage == rules.LAST_STAGE else [],
        records=records,
        asked_for=_asked_for(former, state),
        former=former,
    )


def this_round(records: list[ReviewRecord], state: ReviewStageState) -> tuple[list[ReviewRecord], list[ReviewRecord]]:
    """The decisions that count for this draft, and the older ones (the rule: `rules.is_cleared`, within one run)."""
    sha256 = ledger.content_sha256(state.revision.content)
    counting: list[ReviewRecord] = []
    former: list[ReviewRecord] = []
    for record in records:
        on_this_draft = record.revision_id == state.revision_id and record.content_sha256 == sha256
        is_current = on_this_draft and record.decided_at >= state.workflow_state.created_at
        (counting if is_current else former).append(record)
    return counting, former


def _asked_for(former: list[ReviewRecord], state: ReviewStageState) -> ReviewRecord | None:
    last = former[-1] if former else None
    if last is None or last.decision != rules.Decision.RETURNED:
        return None
    return last if last.decided_at >= state.workflow_state.created_at else None


def former_revision(instance: Any, judged: int) -> int | None:
    """What the public sees now, else what the reviewers saw last; None for a first draft."""
    if instance.live_revision_id and instance.live_revision_id != judged:
        return int(instance.live_revision_id)
    decided = ReviewRecord.objects.filter(material_id=instance.review_material_id, revision_id__lt=judged)
    return decided.order_by("-revision_id").values_list("revision_id", flat=True).first()


def _compare_url(instance: Any, state: ReviewStageState) -> str:
    former = former_revision(instance, state.revision_id)
    if former is None:
        return ""
    if isinstance(instance, Page):
        return reverse("review_compare", args=[instance.pk, former, state.revision_id])
    name = type(instance).snippet_viewset.get_url_name("revisions_compare")
    return reverse(name, args=[instance.pk, former, state.revision_id])


def _action_url(instance: Any, action: str, state: ReviewStageState) -> str:
    if isinstance(instance, Page):
        return reverse("wagtailadmin_pages:collect_workflow_action_data", args=[instance.pk, action, state.pk])
    name = type(instance).snippet_viewset.get_url_name("collect_workflow_action_data")
    return reverse(name, args=[instance.pk, action, state.pk])


def _preview_url(instance: Any, state: ReviewStageState) -> str:
    if isinstance(instance, Page):
        return reverse("wagtailadmin_pages:workflow_preview", args=[instance.pk, state.task_id])
    try:
        name = type(instance).snippet_viewset.get_url_name("workflow_preview")
        return reverse(name, args=[instance.pk, state.task_id])
    except NoReverseMatch:  # a snippet that has no page of its own
        return ""
