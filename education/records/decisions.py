"""What a person decides about something in quarantine: a row beside it, written once, never a change of the thing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.authority import ADMINISTRATOR
from accounts.errors import NotPermitted
from accounts.models import Organisation, User
from accounts.selectors import can
from education.hours.models import AppendOnlyModel
from education.records.errors import AlreadyDecided, WhyMissing

MOST_WORDS = 300


class Decision(AppendOnlyModel):
    """Who decided what, when and why; the audit entry and the decision are one row."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("采纳")
        REJECTED = "rejected", _("不采纳")

    outcome = models.CharField(_("复核结果"), max_length=12, choices=Outcome.choices)
    why = models.CharField(_("理由"), max_length=MOST_WORDS)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("复核人"))
    at = models.DateTimeField(_("复核时间"), auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}：{self.why}"


def decision_document(decided: Any) -> dict[str, Any] | None:
    """The decision about a row, for the member's own data; None while there is none."""
    decision: Decision | None = getattr(decided, "decision", None)
    if decision is None:
        return None
    return {
        "outcome": decision.get_outcome_display(),
        "why": decision.why,
        "by": str(decision.by),
        "at": decision.at.isoformat(),
    }


def checked_reason(why: str) -> str:
    """The reason in one line; raises `WhyMissing` when there is none."""
    words = " ".join(why.split())[:MOST_WORDS]
    if not words:
        raise WhyMissing
    return words


def check_may_decide(by: User, branch: Organisation) -> None:
    """Raise `NotPermitted` unless the person administers the branch."""
    if not can(by, ADMINISTRATOR, branch):
        raise NotPermitted


def already_decided(decision: Decision | None, outcome: str) -> bool:
    """Whether this was decided before, the same way; raises `AlreadyDecided` when it was decided the other way."""
    if decision is None:
        return False
    if decision.outcome != outcome:
        raise AlreadyDecided(outcome=decision.get_outcome_display(), by=decision.by)
    return True
