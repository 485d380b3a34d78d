"""Between the workflow's rows and the pure rules: reads the history of a run, writes the record."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from cms.core.models import material_id_of
from cms.review import rules
from cms.review.errors import REFUSALS

if TYPE_CHECKING:
    from wagtail.models import Revision, WorkflowState

    from cms.review.models import ReviewStage, ReviewStageState

BOOKKEEPING = frozenset(
    {
        "alias_of",
        "content_type",
        "depth",
        "draft_title",
        "expired",
        "first_published_at",
        "has_unpublished_changes",
        "last_published_at",
        "latest_revision",
        "latest_revision_created_at",
        "live",
        "live_revision",
        "locked",
        "locked_at",
        "locked_by",
        "numchild",
        "owner",
        "path",
        "url_path",
        "wagtail_admin_comments",
    }
)
"""Fields of a revision that say nothing about its content."""


def content_sha256(content: dict[str, Any]) -> str:
    """SHA-256 over a revision's content without bookkeeping, in a canonical spelling."""
    said = {name: value for name, value in content.items() if name not in BOOKKEEPING}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def decisions_of(workflow_state: WorkflowState) -> tuple[rules.StageDecision, ...]:
    """Every decision of one run, oldest first."""
    model = apps.get_model("review", "ReviewStageState")
    spoken = {"approved": rules.Decision.APPROVED, "rejected": rules.Decision.RETURNED}
    rows = (
        model.objects.filter(workflow_state=workflow_state, status__in=spoken, finished_by__isnull=False)
        .order_by("finished_at", "pk")
        .values_list("task__reviewstage__stage", "finished_by_id", "status", "revision_id", "content_sha256")
    )
    return tuple(
        rules.StageDecision(stage, person, spoken[status], revision, sha256)
        for stage, person, status, revision, sha256 in rows
        if stage is not None
    )


def authors_of(instance: Any, up_to: int, requested_by: int | None = None) -> frozenset[int]:
    """Who wrote what is judged: everyone with a revision since the live one, and the submitter."""
    revisions = instance.revisions.filter(pk__lte=up_to, user__isnull=False)
    live = instance.live_revision_id
    if live is not None and live < up_to:
        revisions = revisions.filter(pk__gt=live)
    authors = set(revisions.values_list("user_id", flat=True))
    if requested_by is not None:
        authors.add(requested_by)
    return frozenset(authors)


def _question(state: ReviewStageState, user: Any, decision: rules.Decision) -> rules.Question:
    run = state.workflow_state
    instance = run.content_object
    stage: ReviewStage = state.task.specific
    latest = instance.latest_revision_id or state.revision_id
    return rules.Question(
        person=getattr(user, "pk", None),
        is_reviewer=bool(user is not None and user.is_active and stage._user_in_groups(user)),
        stage=stage.stage,
        decision=decision,
        revision=state.revision_id,
        latest_revision=latest,
        content_sha256=content_sha256(state.revision.content),
        authors=authors_of(instance, latest, run.requested_by_id),
        history=decisions_of(run),
    )


def refusal(state: ReviewStageState, user: Any, decision: rules.Decision) -> rules.Refusal | None:
    """The rule that stands against this person deciding this state."""
    return rules.refusal(_question(state, user, decision))


def check_may_decide(state: ReviewStageState, user: Any, decision: rules.Decision) -> None:
    """Raise the matching `ReviewRefused` when a rule stands against it."""
    rule = refusal(state, user, decision)
    if rule is not None:
        raise REFUSALS[rule]


def blockers(state: ReviewStageState) -> list[Any]:
    """Why this revision could not be published even if it passed (for example: no finished sound)."""
    return state.revision.as_object().publication_blockers()


def first_open_stage(workflow_state: WorkflowState) -> ReviewStage | None:
    """The first stage of this run that the latest revision has not passed."""
    revision: Revision = workflow_state.content_object.get_latest_revision()
    number = rules.first_open_stage(
        decisions_of(workflow_state), revision=revision.pk, content_sha256=content_sha256(revision.content)
    )
    if number is None:
        return None
    model = apps.get_model("review", "ReviewStage")
    return model.objects.filter(stage=number, active=True, workflow_tasks__workflow=workflow_state.workflow).first()


def is_cleared(instance: Any, revision: Revision) -> bool:
    """Whether an approved run of the review covers exactly this revision and content."""
    model = apps.get_model("wagtailcore", "WorkflowState")
    runs = model.objects.for_instance(instance).filter(
        status=model.STATUS_APPROVED, task_states__revision_id=revision.pk
    )
    sha256 = content_sha256(revision.content)
    return any(
        rules.is_cleared(
            decisions_of(run),
            revision=revision.pk,
            content_sha256=sha256,
            authors=authors_of_cleared(instance, revision.pk, run.requested_by_id),
        )
        for run in runs.distinct().order_by("-pk")
    )


def authors_of_cleared(instance: Any, revision: int, requested_by: int | None) -> frozenset[int]:
    """The authors as of the clearance: the revision's own author and the submitter.

    Once the revision is live, "since the live one" names nobody; the run itself refused every author.
    """
    model = apps.get_model("wagtailcore", "Revision")
    own = model.objects.filter(pk=revision).values_list("user_id", flat=True).first()
    return frozenset(person for person in (own, requested_by) if person is not None)


def write_record(state: ReviewStageState, user: Any, decision: rules.Decision, comment: str) -> None:
    """Append the decision to the permanent record."""
    model = apps.get_model("review", "ReviewRecord")
    instance = state.workflow_state.content_object
    model.objects.create(
        material_id=material_id_of(instance),
        title=str(instance)[:255],
        revision_id=state.revision_id,
        content_sha256=state.content_sha256,
        stage=state.task.specific.stage,
        decision=decision.value,
        person=user,
        comment=comment,
        decided_at=timezone.now(),
    )
