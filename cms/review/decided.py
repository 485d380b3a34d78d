"""What a person reads and sees after handing in or deciding: what comes next, on a page he may open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.models import WorkflowState

from cms.review import rules, selectors
from cms.review.guard import Reviewed

DECIDED = "action-workflow-action"
HANDED_IN = ("action-submit", "action-restart-workflow")


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def say_what_comes_next(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """To the person's home, where the next item lies: Wagtail's way back, the page tree, is closed to reviewers."""
    if not isinstance(instance, Reviewed):
        return None
    if DECIDED in request.POST:
        told = after_deciding(instance, request.user)
    elif any(name in request.POST for name in HANDED_IN):
        told = after_handing_in(instance)
    else:
        return None
    # "Page was updated" and its buttons say nothing of the review; reading the messages drops them.
    list(messages.get_messages(request))
    messages.success(request, told)
    return redirect("wagtailadmin_home")


def after_handing_in(instance: Any) -> str:
    """Who has it now."""
    run = _fresh(instance).current_workflow_state
    if run is None or run.current_task_state is None:
        return _("“%(title)s”已送审。") % {"title": instance}
    stage = run.current_task_state.task.name
    return _("“%(title)s”已送审，等%(stage)s。审核期间要改，请先撤回送审。") % {"title": instance, "stage": stage}


def after_deciding(instance: Any, user: Any) -> str:
    """What this person's decision led to."""
    record = selectors.records_of(instance.review_material_id)[-1]
    named = {"title": str(instance), "stage": rules.STAGE_NAMES[record.stage]}
    fresh = _fresh(instance)
    run = fresh.current_workflow_state
    if record.decision == rules.Decision.RETURNED:
        author = str(run.requested_by or "") if run is not None else ""
        return _("“%(title)s”已退回%(author)s，改好后会重新送审。") % {**named, "author": author}
    if run is not None and run.status == WorkflowState.STATUS_IN_PROGRESS:
        following = {**named, "next": run.current_task_state.task.name}
        return _("“%(title)s”%(stage)s已通过，转%(next)s。") % following
    if fresh.live and not fresh.has_unpublished_changes:
        return _("“%(title)s”三审三校已全部通过，已发布。") % named
    return _("“%(title)s”三审三校已全部通过，到定好的时间自动发布。") % named


def _fresh(instance: Any) -> Any:
    return type(instance).objects.get(pk=instance.pk)
