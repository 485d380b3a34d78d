"""Reads of the review: what waits for whom, and who decided what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast
from wagtail.models import Revision, TaskState, WorkflowState

from cms.review import ledger
from cms.review.guard import Reviewed
from cms.review.models import ReviewRecord
from cms.review.rules import STAGE_NAMES


@dataclass(frozen=True)
class Waiting:
    """One item that a person may decide now."""

    task_state: TaskState
    instance: Any
    title: str
    kind: str
    stage: int
    stage_name: str
    submitted_by: str
    since: datetime


def waiting_for(user: Any, *, limit: int = 50) -> list[Waiting]:
    """What this person may decide, the oldest first; items whose other stage is his are not listed."""
    states = (
        TaskState.objects.reviewable_by(user)
        .select_related("workflow_state__requested_by", "task", "revision")
        .order_by("started_at")[:limit]
    )
    rows = []
    for state in states:
        instance = state.workflow_state.content_object
        if instance is None:
            continue
        instance = getattr(instance, "specific", instance)
        stage = state.task.specific.stage
        rows.append(
            Waiting(
                task_state=state,
                instance=instance,
                title=state.revision.object_str or str(instance),
                kind=str(instance._meta.verbose_name),
                stage=stage,
                stage_name=STAGE_NAMES[stage],
                submitted_by=str(state.workflow_state.requested_by or ""),
                since=state.started_at,
            )
        )
    return rows


@dataclass(frozen=True)
class Returned:
    """An item that lies with its author again, and the reviewer's words."""

    instance: Any
    title: str
    kind: str
    stage_name: str
    reviewer: str
    comment: str
    since: datetime | None


def returned_of(instance: Any) -> Returned | None:
    """What a reviewer wants changed before this item is handed in again; None where nothing is asked for."""
    run = instance.current_workflow_state if isinstance(instance, Reviewed) else None  # type: ignore[attr-defined]
    return _returned(run, instance) if run is not None else None


def returned_to(user: Any, *, limit: int = 50) -> list[Returned]:
    """What came back to this person, who wrote it or handed it in; the newest first."""
    wrote = Revision.objects.filter(
        user=user,
        base_content_type=OuterRef("base_content_type"),
        object_id=Cast(OuterRef("object_id"), CharField()),
    )
    runs = (
        WorkflowState.objects.filter(Q(requested_by=user) | Exists(wrote), status=WorkflowState.STATUS_NEEDS_CHANGES)
        .select_related("current_task_state__task", "current_task_state__finished_by")
        .order_by("-current_task_state__finished_at")[:limit]
    )
    rows = []
    for run in runs:
        instance = run.content_object
        instance = getattr(instance, "specific", instance)
        if not isinstance(instance, Reviewed):
            continue
        # Whoever wrote only what is live by now has nothing to do with this draft.
        authors = ledger.authors_of(instance, run.current_task_state.revision_id, run.requested_by_id)
        found = _returned(run, instance) if user.pk in authors else None
        if found is not None:
            rows.append(found)
    return rows


def _returned(run: WorkflowState, instance: Any) -> Returned | None:
    state = run.current_task_state
    if run.status != WorkflowState.STATUS_NEEDS_CHANGES or state is None:
        return None
    return Returned(
        instance=instance,
        title=str(getattr(instance, "draft_title", "") or instance),
        kind=str(instance._meta.verbose_name),
        stage_name=state.task.name,
        reviewer=str(state.finished_by or ""),
        comment=state.comment,
        since=state.finished_at,
    )


def records_of(material_id: uuid.UUID) -> list[ReviewRecord]:
    """Every decision ever made on a material, oldest first."""
    return list(ReviewRecord.objects.filter(material_id=material_id).select_related("person"))
