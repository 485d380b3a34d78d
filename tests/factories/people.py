"""People and organisations for tests: small, real, and with states as traits."""

from __future__ import annotations

import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Organisation, RoleAssignment, User
from accounts.services import assign_role, create_organisation
from education.classroom.models import Quiz, QuizQuestion
from education.members.models import PartyMember
from tests.factories import cms

_numbers = itertools.count(1)

NOON = datetime(2026, 1, 15, 4, 0, tzinfo=UTC)
"""Noon of 15 January 2026 on the plateau."""


def organisation(level: str = "branch", *, parent: Organisation | None = None, name: str = "") -> Organisation:
    """An organisation; without a parent it hangs below a province of its own."""
    number = next(_numbers)
    if parent is None and level != "province":
        parent = organisation("province")
    return create_organisation(
        name=name or f"{Organisation.Level(level).label}{number}", code=f"{level}-{number}", level=level, parent=parent
    )


def tree() -> dict[str, Organisation]:
    """A whole line of organisations from the province to a branch, by level."""
    made: dict[str, Organisation] = {}
    above: Organisation | None = None
    for level in Organisation.Level.values:
        above = made[level] = organisation(level, parent=above)
    return made


def user(*, name: str = "", password: str | None = None, **fields: Any) -> User:
    """An account; without `password` it signs in by code only."""
    person = User(username=f"user-{next(_numbers)}", display_name=name or "才让", **fields)
    if password:
        person.set_password(password)
    else:
        person.set_unusable_password()
    person.save()
    return person


def secretary(branch: Organisation, *, password: str = "a-long-enough-password") -> User:
    """A person who is secretary of a branch."""
    person = user(name="书记", password=password)
    assign_role(user=person, role=RoleAssignment.Role.BRANCH_SECRETARY, organisation=branch)
    return person


def member(
    *,
    branch: Organisation | None = None,
    name: str = "卓玛",
    duty: str = "member",
    signed_in: bool = True,
    **fields: Any,
) -> PartyMember:
    """A member with an account that was opened two years before `NOON`."""
    account = user(name=name)
    account.date_joined = NOON - timedelta(days=730)
    account.last_login = NOON - timedelta(days=700) if signed_in else None
    account.save()
    return PartyMember.objects.create(branch=branch or organisation(), name=name, duty=duty, user=account, **fields)


def quiz(
    *,
    questions: int = 2,
    title: str = "接羔知识",
    published: bool = True,
    author: User | None = None,
    reviewers: list[User] | None = None,
) -> Quiz:
    """A quiz whose every correct answer is `a`; with `published` three reviewers passed it."""
    made = Quiz(title=title)
    made.questions = [_question(number) for number in range(questions)]
    made.save()
    return cms.publish(made, author, reviewers) if published else made


def _question(number: int) -> QuizQuestion:
    return QuizQuestion(
        sort_order=number,
        text=f"第 {number + 1} 题：羔羊先喝什么？",
        text_bo="ལུ་གུ",
        pictogram="lamb",
        answers=[
            {"key": "a", "text": "初乳", "text_bo": "སྤྲི", "pictogram": "milk"},
            {"key": "b", "text": "凉水", "pictogram": "water"},
        ],
        correct_key="a",
    )


def statement(
    owner: PartyMember,
    material: uuid.UUID,
    *,
    verb: str = "completed",
    sequence: int = 1,
    at: datetime | str = NOON,
    **changes: Any,
) -> bytes:
    """One line of a device's log, canonical as docs/spec/record-sync.md wants it."""
    content: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "actor": {"account": {"homePage": "urn:gyxf", "name": str(owner.member_id)}},
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
        "object": {"id": f"urn:uuid:{material}"},
        "timestamp": at if isinstance(at, str) else at.isoformat(),
        "context": {"extensions": {"urn:gyxf:seq": sequence, "urn:gyxf:mono_ms": sequence * 1000}},
    }
    if verb == "completed":
        content["result"] = {"completion": True, "extensions": {"urn:gyxf:watched": [[0, 720]]}}
    content.update(changes)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
