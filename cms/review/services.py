"""Writes of the review: submit, decide, take down. Views and scripts use these; the rules hold for all."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from wagtail.models import Page, Revision, TaskState, WorkflowState

from accounts.errors import PersonError
from cms.review.errors import EarlierStageOpen, ReviewRequired
from cms.review.guard import review_workflow

logger = logging.getLogger(__name__)


def submit(instance: Any, user: Any) -> WorkflowState:
    """Hand the latest revision in for review, or in again after it was returned.

    Raises:
        ReviewRequired: the site has no review workflow (run `manage.py ensure_site`).
    """
    run = instance.current_workflow_state
    if run is not None and run.status == WorkflowState.STATUS_NEEDS_CHANGES:
        run.resume(user=user)
        return run
    if run is not None:
        return run
    workflow = review_workflow()
    if workflow is None:
        raise ReviewRequired(title=str(instance))
    return workflow.start(instance, user)


def _waiting(instance: Any) -> TaskState:
    # A fresh row: the caller's may carry the workflow state of before the last decision.
    state = type(instance).objects.get(pk=instance.pk).current_workflow_task_state
    if state is None:
        raise EarlierStageOpen
    return state


@transaction.atomic
def approve(instance: Any, user: Any, *, comment: str = "") -> TaskState:
    """Pass the waiting stage; after the third the item is published.

    Raises:
        ReviewRefused: a rule stands against this person (`rules.Refusal`).
        NotReadyToPublish: the last stage, and for instance the sound is not finished.
    """
    return _waiting(instance).approve(user=user, comment=comment)


@transaction.atomic
def send_back(instance: Any, user: Any, *, comment: str) -> TaskState:
    """Return the item to its author with a comment.

    Raises:
        ReviewRefused: a rule stands against this person.
    """
    return _waiting(instance).reject(user=user, comment=comment)


def review_and_publish(instance: Any, *, author: Any, reviewers: Sequence[Any], comment: str = "") -> Any:
    """Walk an item through the real review: a revision by `author`, then three different `reviewers`.

    For loading content that was reviewed elsewhere (demo, import) and for tests; every rule applies.

    Returns:
        the item as stored afterwards: live, or waiting when it carries a later go-live time.
    """
    if not isinstance(instance.latest_revision, Revision) or instance.has_unpublished_changes is False:
        instance.save_revision(user=author)
    submit(instance, author)
    for reviewer in reviewers:
        approve(instance, reviewer, comment=comment)
    return type(instance).objects.get(pk=instance.pk)


def run_schedule(now: datetime) -> int:
    """Publish the cleared revisions whose time has come and take off what has expired.

    Returns:
        how many items were due; one that cannot go live is logged, loses its time and stops no other.
    """
    due = 0
    for page in Page.objects.filter(live=True, expire_at__lt=now).specific():
        page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        due += 1
    for revision in Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at"):
        due += 1
        try:
            revision.publish(log_action="wagtail.publish.scheduled")
        except PersonError:
            logger.exception("revision %s could not go live at its time", revision.pk)
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
    return due
