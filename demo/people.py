"""Organisations, accounts, members and their first study hours. Each function may run again: it finds what is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.models import Organisation, User
from accounts.services import assign_role, create_organisation
from cms.core.bootstrap import SiteSkeleton
from demo.library import PASSWORD, Library, demo_id
from education.classroom.models import ClassroomSession
from education.classroom.services import record_session
from education.hours.rules import RuleNumbers, minutes_of_half_days
from education.hours.services import current_rule, post_entry
from education.members.models import PartyMember
from education.members.services import open_member, print_codes
from education.training.models import Enrolment, TrainingClass


def load_organisations(library: Library) -> dict[str, Organisation]:
    """The tree, by code."""
    known = {each.code: each for each in Organisation.objects.all()}
    for row in library.organisations:
        if row["code"] not in known:
            parent = known.get(row.get("parent", ""))
            known[row["code"]] = create_organisation(
                name=row["name"], code=row["code"], level=row["level"], parent=parent
            )
    return known


def load_accounts(
    library: Library, organisations: Mapping[str, Organisation], skeleton: SiteSkeleton
) -> dict[str, User]:
    """The staff accounts, by user name. An existing account keeps its password."""
    groups: dict[str, Group] = {"editor": skeleton.editors, "reviewer": skeleton.reviewers}
    accounts = {}
    password = make_password(PASSWORD)  # one hash for all: hashing is slow on purpose, and the password is printed
    for row in library.people["accounts"]:
        superuser = row.get("superuser", False)
        user, created = User.objects.get_or_create(
            username=row["username"],
            defaults={"display_name": row["display_name"], "is_staff": superuser, "is_superuser": superuser},
        )
        if created:
            user.password = password
            user.save()
        if row["role"] in groups:
            user.groups.add(groups[row["role"]])
        assign_role(user=user, role=row["role"], organisation=organisations[row["organisation"]])
        accounts[row["username"]] = user
    return accounts


def load_members(
    library: Library, organisations: Mapping[str, Organisation], accounts: Mapping[str, User], today: date
) -> dict[str, PartyMember]:
    """The members, by key. A member with an account of the staff uses that one."""
    members = {}
    for row in library.people["members"]:
        months = row.get("months_in_post")
        values: dict[str, Any] = {
            "branch": organisations[row["branch"]],
            "name": row["name"],
            "duty": row.get("duty", "member"),
            "duty_since": today - timedelta(days=30 * months) if months else None,
        }
        member_id = demo_id("member", row["key"])
        known = PartyMember.objects.filter(member_id=member_id).first()
        if known is not None:
            members[row["key"]] = known
        elif "account" in row:
            user = accounts[row["account"]]
            members[row["key"]] = PartyMember.objects.create(member_id=member_id, user=user, **values)
        else:
            members[row["key"]] = open_member(member_id=member_id, **values)
    return members


def issue_first_codes(
    library: Library, members: Mapping[str, PartyMember], accounts: Mapping[str, User]
) -> dict[str, str]:
    """One-time codes for the members that have one in the demo: name → code. Issued once, nothing the second time."""
    wanted = [members[row["key"]] for row in library.people["members"] if row.get("code")]
    fresh = [member for member in wanted if member.user and not member.user.activation_codes.exists()]
    if not fresh:
        return {}
    cards = print_codes(members=fresh, created_by=accounts["secretary"], request_id=demo_id("codes", "first"))
    return {member.name: issued.code for member, issued in cards}


def load_hours(
    library: Library,
    organisations: Mapping[str, Organisation],
    members: Mapping[str, PartyMember],
    recorded_by: User,
    today: date,
) -> None:
    """This year's rules, a training class and a few sessions, so that the ledger has something to say."""
    rule = current_rule(today.year)
    numbers = RuleNumbers.from_json(rule.numbers)
    for row in library.people["training_classes"]:
        _load_training(row, organisations, members, numbers, recorded_by, _day(today, row["days_ago"]))
    for row in library.people["sessions"]:
        session_id = demo_id("session", row["key"])
        if not ClassroomSession.objects.filter(session_id=session_id).exists():
            record_session(
                session_id=session_id,
                branch=organisations[row["branch"]],
                title=row["title"],
                held_on=_day(today, row["days_ago"]),
                minutes=row["minutes"],
                members=[members[key] for key in row["members"]],
                recorded_by=recorded_by,
                today=today,
            )


def _day(today: date, days_ago: int) -> date:
    """So many days ago, but in this year: the ledger's page shows one year."""
    return max(today - timedelta(days=days_ago), date(today.year, 1, 1))


def _load_training(
    row: Mapping[str, Any],
    organisations: Mapping[str, Organisation],
    members: Mapping[str, PartyMember],
    numbers: RuleNumbers,
    recorded_by: User,
    day: date,
) -> None:
    if TrainingClass.objects.filter(name=row["name"]).exists():
        return
    training_class = TrainingClass.objects.create(
        name=row["name"],
        organisation=organisations[row["organisation"]],
        half_days=row["half_days"],
        starts_on=day,
        ends_on=day + timedelta(days=(row["half_days"] - 1) // 2),
    )
    for key in row["members"]:
        member = members[key]
        Enrolment.objects.create(training_class=training_class, member=member, attended=True)
        post_entry(
            member=member,
            column="central",
            minutes=minutes_of_half_days(row["half_days"], numbers),
            learned_on=day,
            idempotency_key=f"training:{training_class.pk}:{member.member_id}",
            evidence={"training_class": row["name"]},
            recorded_by=recorded_by,
        )
