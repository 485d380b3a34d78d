"""三审三校 as pure rules (domain.md §2): who may decide which stage, and what may be published.

初审一校 → 复审二校 → 终审三校; nobody holds two stages of one item; an author holds none of his own
item; an edit reopens the review. Nothing here reads a clock, a database or a request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

STAGES = (1, 2, 3)
LAST_STAGE = 3
STAGE_NAMES = {1: "初审一校", 2: "复审二校", 3: "终审三校"}


class Decision(StrEnum):
    """What a reviewer can say."""

    APPROVED = "approved"
    RETURNED = "returned"


class Refusal(StrEnum):
    """Why a person may not decide a stage; each is an error code a person sees."""

    NOT_SIGNED_IN = "review-not-signed-in"
    NOT_A_REVIEWER = "review-not-a-reviewer"
    AUTHOR = "review-author"
    HOLDS_ANOTHER_STAGE = "review-holds-another-stage"
    EARLIER_STAGE_OPEN = "review-earlier-stage-open"
    STALE_REVISION = "review-stale-revision"


@dataclass(frozen=True)
class StageDecision:
    """One decision in one run of the review. `content_sha256` is what was judged."""

    stage: int
    person: int
    decision: Decision
    revision: int
    content_sha256: str


@dataclass(frozen=True)
class Question:
    """May `person` decide `stage` of `revision`? `history` holds every decision of this run."""

    person: int | None
    is_reviewer: bool
    stage: int
    decision: Decision
    revision: int
    latest_revision: int
    content_sha256: str
    authors: Collection[int]
    history: tuple[StageDecision, ...] = ()


def refusal(question: Question) -> Refusal | None:
    """The rule that stands against the decision, the most personal first; None where nothing does."""
    if question.person is None:
        return Refusal.NOT_SIGNED_IN
    if not question.is_reviewer:
        return Refusal.NOT_A_REVIEWER
    if question.person in question.authors:
        return Refusal.AUTHOR
    if any(past.person == question.person and past.stage != question.stage for past in question.history):
        return Refusal.HOLDS_ANOTHER_STAGE
    if question.decision is Decision.APPROVED and question.revision != question.latest_revision:
        return Refusal.STALE_REVISION
    if question.decision is Decision.APPROVED and not _earlier_stages_passed(question):
        return Refusal.EARLIER_STAGE_OPEN
    return None


def _earlier_stages_passed(question: Question) -> bool:
    passed = {
        past.stage
        for past in question.history
        if past.decision is Decision.APPROVED
        and past.revision == question.revision
        and past.content_sha256 == question.content_sha256
    }
    return passed >= {stage for stage in STAGES if stage < question.stage}


def is_cleared(
    decisions: Iterable[StageDecision], *, revision: int, content_sha256: str, authors: Collection[int]
) -> bool:
    """Whether exactly this content of exactly this revision passed all three stages by three other people."""
    people: dict[int, int] = {}
    for decision in decisions:
        if (
            decision.decision is Decision.APPROVED
            and decision.revision == revision
            and decision.content_sha256 == content_sha256
            and decision.person not in authors
        ):
            people[decision.stage] = decision.person
    return set(people) == set(STAGES) and len(set(people.values())) == len(STAGES)


def first_open_stage(decisions: Iterable[StageDecision], *, revision: int, content_sha256: str) -> int | None:
    """The first stage this content has not passed; None when it passed all."""
    passed = {
        decision.stage
        for decision in decisions
        if decision.decision is Decision.APPROVED
        and decision.revision == revision
        and decision.content_sha256 == content_sha256
    }
    return next((stage for stage in STAGES if stage not in passed), None)
