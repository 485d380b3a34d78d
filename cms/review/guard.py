"""The one place that decides whether something reviewed may become visible.

Wagtail has many ways to make a page live: the publish button, the bulk action, a schedule, a copy that keeps
its state, an alias, its API, a script. All of them end in `save()` of a row with `live=True` (or in a revision
with an approved go-live time), so the guard stands there and not on the ways.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import transaction
from wagtail.log_actions import get_active_log_context
from wagtail.models import PagePermissionTester, TaskState, Workflow

from cms.core.models import material_id_of
from cms.core.pages import KnownAncestors
from cms.review import ledger
from cms.review.errors import ChangedMeanwhile, NotReadyToPublish, ReviewRequired

if TYPE_CHECKING:
    from wagtail.models import Revision

    from accounts.errors import PersonError

WORKFLOW_NAME = "三审三校"
TAKE_DOWN_PERMISSION = "review.take_down"


def review_workflow() -> Workflow | None:
    """The three-stage workflow; None before `cms.core.bootstrap.ensure_site` ran."""
    return Workflow.objects.filter(name=WORKFLOW_NAME, active=True).first()


class ReviewedPagePermissionTester(PagePermissionTester):
    """Offers nobody, superusers included, a button that the guard would refuse."""

    def can_publish(self) -> bool:
        return False

    def can_publish_subpage(self) -> bool:
        return False

    def can_unpublish(self) -> bool:
        """The urgent take-down is a right of its own (domain.md §3)."""
        if not self.user.is_active or not self.page.live or self.page_is_root:
            return False
        return self.user.has_perm(TAKE_DOWN_PERMISSION)

    def can_set_view_restrictions(self) -> bool:
        """Nobody: what is published is public, in streams, subtitles, search and packages alike."""
        return False

    def can_unschedule(self) -> bool:
        return self.user.has_perm(TAKE_DOWN_PERMISSION)


class Reviewed:
    """Mixin for pages and snippets that only the three-stage review can publish. Stands first among the bases."""

    live: bool
    pk: Any

    @property
    def review_material_id(self) -> uuid.UUID:
        """The id by which the layers above know it."""
        return material_id_of(self)

    def publication_blockers(self) -> list[PersonError]:
        """What besides the review stands against publishing this content; empty where nothing does."""
        return []

    def after_publication(self) -> None:
        """Called inside the publishing transaction once the item is live."""

    def after_withdrawal(self) -> None:
        """Called inside the transaction that takes a live item back or deletes it."""

    def get_workflow(self) -> Workflow | None:
        """Always the three-stage review: no assignment in the admin can take it away."""
        return review_workflow()

    @classmethod
    def get_default_workflow(cls) -> Workflow | None:
        """What a new item can be handed in to from its first form."""
        return review_workflow()

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Publish a cleared revision, whole or not at all.

        Raises:
            ReviewRequired: this revision did not pass the three stages.
            NotReadyToPublish: it passed, but something it needs is not there.
        """
        with transaction.atomic():
            require_clearance(self, revision)
            return super().publish(revision, *args, **kwargs)  # type: ignore[misc]

    def save_revision(self, *args: Any, **kwargs: Any) -> Revision:
        """Save a revision; one that a reviewer has seen is never overwritten, and an edit reopens the review.

        A form that comes back untouched is no edit: with the button that passes a stage, a snippet's form is sent
        along, and the reviewer would become an author of what he judges.
        """
        judged = self._revision_under_review()
        if judged is not None and kwargs.get("changed") is False and kwargs.get("previous_revision") is None:
            return judged
        overwritten = kwargs.get("overwrite_revision")
        if overwritten is not None and TaskState.objects.filter(revision=overwritten).exists():
            kwargs["overwrite_revision"] = None
        with transaction.atomic():
            revision = super().save_revision(*args, **kwargs)  # type: ignore[misc]
            self._reopen_review(revision, kwargs.get("user"))
        return revision

    def _revision_under_review(self) -> Revision | None:
        run = self.current_workflow_state  # type: ignore[attr-defined]
        if run is None or run.status != run.STATUS_IN_PROGRESS or run.current_task_state is None:
            return None
        judged = run.current_task_state.revision
        is_latest = judged is not None and judged.pk == self.latest_revision_id  # type: ignore[attr-defined]
        return judged if is_latest else None

    def _reopen_review(self, revision: Revision, user: Any) -> None:
        run = self.current_workflow_state  # type: ignore[attr-defined]
        if run is None or run.status != run.STATUS_IN_PROGRESS or run.current_task_state is None:
            return
        state = run.current_task_state
        if state.status == TaskState.STATUS_IN_PROGRESS and state.revision_id != revision.pk:
            state.specific.cancel(user=user, resume=True)

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Any:
        """Remember whether the row was live when it was read (see `save`)."""
        instance = super().from_db(db, field_names, values)  # type: ignore[misc]
        instance.was_live_when_read = instance.__dict__.get("live", False)
        return instance

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Write the row; one that would be visible must show exactly what was cleared.

        Raises:
            ReviewRequired: the row would go live, or change while live, without the review.
            ChangedMeanwhile: an edit that began before the item was published would take it off again.
        """
        with transaction.atomic():
            check_visible_row(self, kwargs.get("update_fields"))
            check_not_taken_off_unawares(self, kwargs.get("update_fields"))
            return super().save(*args, **kwargs)  # type: ignore[misc]


class ReviewedPage(KnownAncestors, Reviewed):
    """`Reviewed` for pages: also takes the publish buttons away, and what lies below a page along when it goes."""

    def after_withdrawal(self) -> None:
        """Take down what is live below: nobody finds a lesson in order whose unit was withdrawn."""
        for page in self.get_descendants().live().specific():  # type: ignore[attr-defined]
            page.unpublish(user=get_active_log_context().user)

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return ReviewedPagePermissionTester(user, self)


def require_clearance(instance: Any, revision: Revision) -> None:
    """Raise unless exactly this revision of this item passed three people and is ready."""
    same_item = str(revision.object_id) == str(instance.pk)
    if not same_item or not ledger.is_cleared(instance, revision):
        raise ReviewRequired(title=str(instance))
    reasons = revision.as_object().publication_blockers()
    if reasons:
        raise NotReadyToPublish(
            title=str(instance),
            reason_zh="；".join(reason.zh for reason in reasons),
            reason_en="; ".join(reason.en for reason in reasons),
        )


def check_visible_row(instance: Any, update_fields: Any) -> None:
    """Raise `ReviewRequired` if writing these fields of a live row shows something that was not cleared."""
    if not instance.live:
        return
    written = None if update_fields is None else set(update_fields) - ledger.BOOKKEEPING
    if written is not None and not written and "live" not in update_fields:
        return
    if instance.pk is None or instance.live_revision_id is None or getattr(instance, "alias_of_id", None):
        raise ReviewRequired(title=str(instance))
    model = apps.get_model("wagtailcore", "Revision")
    revision = model.objects.filter(pk=instance.live_revision_id).first()
    if revision is None:
        raise ReviewRequired(title=str(instance))
    if _is_first_showing(instance, revision):
        require_clearance(instance, revision)
    elif _changed_fields(instance, revision):
        raise ReviewRequired(title=str(instance))


def check_not_taken_off_unawares(instance: Any, update_fields: Any) -> None:
    """Raise `ChangedMeanwhile` if a row that was read as a draft is live by now and this would undo it."""
    writes_live = update_fields is None or "live" in update_fields
    if instance.live or not writes_live or instance.pk is None or getattr(instance, "was_live_when_read", False):
        return
    # The lock makes the check hold until the row is written (SQLite: the transaction itself is the lock).
    stored = type(instance).objects.select_for_update().filter(pk=instance.pk).values_list("live", flat=True)
    if stored.first():
        raise ChangedMeanwhile(title=str(instance))


def _is_first_showing(instance: Any, revision: Revision) -> bool:
    """Whether the row as stored does not yet show this revision."""
    stored = type(instance).objects.filter(pk=instance.pk).values_list("live", "live_revision_id").first()
    return stored != (True, revision.pk)


def _changed_fields(instance: Any, revision: Revision) -> list[str]:
    """Own columns of a live row that differ from the cleared revision."""
    cleared = revision.as_object()
    return [
        field.name
        for field in instance._meta.concrete_fields
        if field.name not in ledger.BOOKKEEPING
        and not field.primary_key
        and not getattr(field.remote_field, "parent_link", False)
        and field.value_from_object(instance) != field.value_from_object(cleared)
    ]
