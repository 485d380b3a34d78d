"""Writes of classroom sessions: a roster becomes collective study, a correction becomes reversals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.models import Organisation, User
from education.classroom.errors import EmptyRoster, SessionInFuture, SessionTooEarly, SessionUntitled, StrangerOnRoster
from education.classroom.models import ClassroomSession
from education.classroom.selectors import roster, session_cause
from education.hours.errors import InvalidDuration
from education.hours.services import EntryDraft, settle
from education.members.models import PartyMember

MOST_SESSION_MINUTES = 12 * 60
FIRST_DAY = date(2000, 1, 1)
"""Nothing earlier is recorded here; a date before it is a slip of the finger."""


def record_session(
    *,
    session_id: UUID,
    branch: Organisation,
    title: str,
    held_on: date,
    minutes: int,
    members: Sequence[PartyMember],
    recorded_by: User,
    today: date,
    lesson: UUID | None = None,
) -> ClassroomSession:
    """Record a session with its roster; everyone on it is credited once, in collective study.

    `lesson`: the material that was watched together, where the secretary named one; it stands in each entry's evidence.

    `session_id` comes with the form: the same submission again changes nothing. Raises `SessionUntitled`,
    `SessionInFuture`, `SessionTooEarly`, `InvalidDuration`, `EmptyRoster` or `StrangerOnRoster`;
    then nothing is written.
    """
    _check(branch, title, held_on, minutes, members, today)
    with transaction.atomic():
        session, is_new = ClassroomSession.objects.get_or_create(
            session_id=session_id,
            defaults={
                "branch": branch,
                "title": title.strip(),
                "held_on": held_on,
                "minutes": minutes,
                "recorded_by": recorded_by,
            },
        )
        if is_new:
            session.members.set(members)
            settle([_draft(session, member, lesson) for member in members], by=recorded_by)
    return session


def correct_roster(
    session: ClassroomSession, *, members: Sequence[PartyMember], corrected_by: User, reason: str
) -> None:
    """Make the roster hold exactly `members`: whoever is no longer on it is reversed, whoever is new is credited.

    An empty roster takes the whole session back. Raises `StrangerOnRoster`.
    """
    _check_branch(session.branch, members)
    with transaction.atomic():
        ClassroomSession.objects.select_for_update().get(pk=session.pk)
        gone = [member for member in roster(session) if member not in members]
        session.members.add(*members)
        settle(
            [_draft(session, member) for member in members],
            withdrawn_causes=[session_cause(session.session_id, member) for member in gone],
            reason=reason,
            by=corrected_by,
        )


def _draft(session: ClassroomSession, member: PartyMember, lesson: UUID | None = None) -> EntryDraft:
    watched = {"lesson": str(lesson)} if lesson is not None else {}
    return EntryDraft(
        member=member,
        cause=session_cause(session.session_id, member),
        column="collective",
        minutes=session.minutes,
        learned_on=session.held_on,
        evidence={"session": str(session.session_id), "title": session.title, **watched},
    )


def _check(
    branch: Organisation, title: str, held_on: date, minutes: int, members: Sequence[PartyMember], today: date
) -> None:
    if not title.strip():
        raise SessionUntitled
    if held_on > today:
        raise SessionInFuture
    if held_on < FIRST_DAY:
        raise SessionTooEarly(year=FIRST_DAY.year)
    if not 1 <= minutes <= MOST_SESSION_MINUTES:
        raise InvalidDuration(most=MOST_SESSION_MINUTES)
    if not members:
        raise EmptyRoster
    _check_branch(branch, members)


def _check_branch(branch: Organisation, members: Sequence[PartyMember]) -> None:
    if any(member.branch_id != branch.pk for member in members):
        raise StrangerOnRoster
