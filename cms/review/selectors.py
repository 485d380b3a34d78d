"""Reads of the review: what waits for whom, and who decided what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wagtail.models import TaskState

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


def records_of(material_id: uuid.UUID) -> list[ReviewRecord]:
    """Every decision ever made on a material, oldest first."""
    return list(ReviewRecord.objects.filter(material_id=material_id).select_related("person"))
