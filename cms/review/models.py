"""三审三校: the stages as workflow tasks, and the record of who did which.

`ReviewStage` and `ReviewStageState` are the deepest place where a stage can be passed: whoever calls
`approve` or `reject`, by whatever view, meets the rules here.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.locks import WorkflowLock
from wagtail.models import AbstractGroupApprovalTask, TaskState, WorkflowState

from cms.review import ledger, rules
from cms.review.errors import REFUSALS, ChangedMeanwhile, RecordIsPermanent


class ReviewStageState(TaskState):
    """One stage on one revision, with the hash of the content that was judged."""

    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("审核阶段状态")
        verbose_name_plural = _("审核阶段状态")

    def approve(self, user: Any = None, update: bool = True, comment: str = "") -> TaskState:
        """Pass the stage, or raise `ReviewRefused` with the rule that stands against it."""
        with transaction.atomic():
            self._decide(user, rules.Decision.APPROVED, comment)
            return super().approve(user=user, update=update, comment=comment)

    def reject(self, user: Any = None, update: bool = True, comment: str = "") -> TaskState:
        """Return the item, or raise `ReviewRefused` with the rule that stands against it."""
        with transaction.atomic():
            self._decide(user, rules.Decision.RETURNED, comment)
            return super().reject(user=user, update=update, comment=comment)

    def _decide(self, user: Any, decision: rules.Decision, comment: str) -> None:
        """Check and record one decision; of two at once (a button pressed twice) the second finds it decided."""
        stored = TaskState.objects.select_for_update().filter(pk=self.pk).values_list("status", flat=True).first()
        if stored != TaskState.STATUS_IN_PROGRESS:
            raise ChangedMeanwhile(title=str(self.workflow_state.content_object))
        ledger.check_may_decide(self, user, decision)
        self.content_sha256 = ledger.content_sha256(self.revision.content)
        ledger.write_record(self, user, decision, comment)


class ReviewLock(WorkflowLock):
    """Says why this person may not touch what is being judged."""

    def get_message(self, user: Any) -> Any:
        if not self.for_user(user):
            return None
        state = self.object.current_workflow_task_state
        rule = ledger.refusal(state, user, rules.Decision.RETURNED) if isinstance(state, ReviewStageState) else None
        if rule is None:
            return format_html(str(_("正在<b>{}</b>，审核期间不能修改。")), self.task.name)
        if self.object.current_workflow_state.user_can_cancel(user):
            # Whoever handed it in did nothing wrong, and needs no reviewer's rights but to know what he can do.
            return format_html(str(_("正在<b>{}</b>，等审核员处理；要改，先撤回送审。")), self.task.name)
        if rule is rules.Refusal.NOT_A_REVIEWER:
            return format_html(str(_("正在<b>{}</b>，等审核员处理；要改，请送审人先撤回。")), self.task.name)
        error = REFUSALS[rule]
        said = format_html(str(_("正在<b>{}</b>，审核期间不能修改。")), self.task.name)
        return format_html("{} {} {}", said, error.message_zh, error.message_en)

    def get_locked_by(self, user: Any, can_lock: bool = False) -> Any:
        return _("审核中")

    def get_description(self, user: Any, can_lock: bool = False) -> Any:
        return _("审核期间只有当前审次的审核员可以处理；编辑如需修改，请先撤回。")


class ReviewStage(AbstractGroupApprovalTask):
    """初审一校 (1), 复审二校 (2) or 终审三校 (3)."""

    stage = models.PositiveSmallIntegerField(
        _("审次"), choices=[(1, _("初审一校")), (2, _("复审二校")), (3, _("终审三校"))]
    )

    task_state_class = ReviewStageState
    lock_class = ReviewLock
    admin_form_fields = [*AbstractGroupApprovalTask.admin_form_fields, "stage"]
    admin_form_readonly_on_edit_fields = ["name", "stage"]

    class Meta:
        verbose_name = _("三审三校阶段")
        verbose_name_plural = _("三审三校阶段")

    def start(self, workflow_state: WorkflowState, user: Any = None) -> TaskState:
        """Start here, or at the first stage that the latest revision has not passed (an edit reopens)."""
        first_open = ledger.first_open_stage(workflow_state)
        if first_open is not None and first_open.stage < self.stage:
            return first_open.start(workflow_state, user=user)
        return super().start(workflow_state, user=user)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """Only who may decide now may touch what is being judged; his edit makes him an author and reopens it."""
        return not self.get_actions(obj, user)

    def user_can_lock(self, obj: Any, user: Any) -> bool:
        return False

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """What this person may do now; a superuser has no more rights here than his groups give him."""
        if not self._user_in_groups(user):
            return []
        state = obj.current_workflow_task_state
        if not isinstance(state, ReviewStageState) or ledger.refusal(state, user, rules.Decision.RETURNED):
            return []
        actions = [("reject", _("退回修改"), True)]
        if not (self.stage == rules.LAST_STAGE and ledger.blockers(state)):
            actions += [("approve", _("通过"), False), ("approve", _("通过并附意见"), True)]
        return actions

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        return self._user_in_groups(user)

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> models.QuerySet[TaskState]:
        """The waiting states this person may decide, other stages of the same item excluded."""
        if not self._user_in_groups(user):
            return TaskState.objects.none()
        waiting = self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        allowed = [state.pk for state in waiting.specific() if not ledger.refusal(state, user, rules.Decision.RETURNED)]
        return waiting.filter(pk__in=allowed)

    @classmethod
    def get_description(cls) -> Any:
        return _("三审三校中的一个阶段：同一稿件同一人只能承担一个阶段，作者不得审核本人稿件。")


class ReviewRecordQuerySet(models.QuerySet["ReviewRecord"]):
    def update(self, **kwargs: Any) -> int:
        raise RecordIsPermanent

    def delete(self) -> tuple[int, dict[str, int]]:
        raise RecordIsPermanent


class ReviewRecord(models.Model):
    """Who decided what on which content, and when; append-only, outlives the item (domain.md §2)."""

    material_id = models.UUIDField(_("材料"), db_index=True)
    title = models.CharField(_("标题"), max_length=255)
    revision_id = models.BigIntegerField(_("修订"))
    content_sha256 = models.CharField(_("内容指纹"), max_length=64)
    stage = models.PositiveSmallIntegerField(_("审次"))
    decision = models.CharField(_("结论"), max_length=10, choices=[("approved", _("通过")), ("returned", _("退回"))])
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审核人"))
    comment = models.TextField(_("意见"), blank=True)
    decided_at = models.DateTimeField(_("时间"))

    objects = ReviewRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("审核记录")
        verbose_name_plural = _("审核记录")
        ordering = ["decided_at", "pk"]
        default_permissions = ("view",)
        permissions = [("take_down", _("紧急下架"))]

    def __str__(self) -> str:
        return f"{self.title} · {self.stage} · {self.decision}"

    @property
    def stage_name(self) -> str:
        """The stage in words."""
        return rules.STAGE_NAMES.get(self.stage, str(self.stage))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append; a row that exists raises `RecordIsPermanent`."""
        if self.pk is not None:
            raise RecordIsPermanent
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise RecordIsPermanent
