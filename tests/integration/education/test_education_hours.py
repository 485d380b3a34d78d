"""The ledger: nothing is ever changed in it, and everything can be put right."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from education.classroom.errors import EmptyRoster, SessionInFuture, SessionUntitled, StrangerOnRoster
from education.classroom.selectors import roster
from education.classroom.services import correct_roster, record_session
from education.hours.errors import (
    AlreadyReversed,
    InvalidDuration,
    InvalidRuleNumbers,
    KeyUsedForAnotherEntry,
    LedgerIsAppendOnly,
)
from education.hours.guard import install_ledger_guard
from education.hours.models import RuleVersion, StudyHoursEntry
from education.hours.rules import DEFAULT_NUMBERS
from education.hours.selectors import branch_shortfalls, member_hours
from education.hours.services import adopt_rule, current_rule, post_entry, reverse_entry
from education.members.models import PartyMember
from education.training.models import Enrolment, TrainingClass
from tests.factories.people import member, organisation, secretary, user

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 15)


def entry(owner: PartyMember, key: str = "key", minutes: int = 45, column: str = "collective") -> StudyHoursEntry:
    return post_entry(member=owner, column=column, minutes=minutes, learned_on=DAY, idempotency_key=key)


@pytest.mark.parametrize("minutes", [0, -45, 60 * 24 * 32])
def test_an_impossible_length_is_refused(minutes: int) -> None:
    with pytest.raises(InvalidDuration):
        entry(member(), minutes=minutes)
    assert not StudyHoursEntry.objects.exists()


def test_the_same_key_twice_is_one_entry() -> None:
    owner = member()
    assert entry(owner) == entry(owner)
    assert StudyHoursEntry.objects.count() == 1


def test_the_same_key_with_another_content_is_refused() -> None:
    owner = member()
    entry(owner)
    with pytest.raises(KeyUsedForAnotherEntry):
        entry(owner, minutes=90)
    with pytest.raises(KeyUsedForAnotherEntry):
        entry(member())


def test_no_row_is_changed_or_deleted_through_the_models() -> None:
    row = entry(member())
    row.minutes = 9000
    for attempt in (
        row.save,
        row.delete,
        StudyHoursEntry.objects.all().delete,
        lambda: StudyHoursEntry.objects.update(minutes=1),
        lambda: StudyHoursEntry.objects.bulk_update([row], ["minutes"]),
        current_rule(2026).save,
    ):
        with pytest.raises(LedgerIsAppendOnly):
            attempt()
    assert StudyHoursEntry.objects.get().minutes == 45


def test_the_database_itself_refuses_an_update_and_a_deletion() -> None:
    install_ledger_guard()
    entry(member())
    for table in ("hours_studyhoursentry", "hours_ruleversion"):
        for statement in (f"UPDATE {table} SET year = 1999", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    assert StudyHoursEntry.objects.count() == 1


def test_a_reversal_takes_back_once() -> None:
    owner = member()
    row = entry(owner)
    reversal = reverse_entry(row, reason="mistake", recorded_by=user())
    assert (reversal.minutes, reversal.reverses) == (-45, row)
    for again in (row, reversal):
        with pytest.raises(AlreadyReversed):
            reverse_entry(again, reason="mistake")
    assert member_hours(owner, 2026, today=DAY).counted_hours == 0


def test_a_rule_changed_in_mid_year_leaves_written_hours_as_they_were() -> None:
    owner = member()
    entry(owner, minutes=90)
    adopt_rule(year=2026, numbers={**DEFAULT_NUMBERS.to_json(), "minutes_per_hour": 60}, adopted_by=None)
    entry(owner, key="later", minutes=60)
    view = member_hours(owner, 2026, today=DAY)
    assert view.counted_hours == 3
    assert view.rule_version == 2
    assert list(RuleVersion.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_a_year_starts_with_the_numbers_of_the_year_before() -> None:
    numbers = DEFAULT_NUMBERS.to_json()
    numbers["targets"]["member"]["hours"] = 40
    adopt_rule(year=2026, numbers=numbers, adopted_by=None)
    assert current_rule(2027).numbers["targets"]["member"]["hours"] == 40


def test_broken_numbers_are_refused_with_their_names() -> None:
    with pytest.raises(InvalidRuleNumbers, match="minutes_per_hour"):
        adopt_rule(year=2026, numbers={**DEFAULT_NUMBERS.to_json(), "minutes_per_hour": 0}, adopted_by=None)
    assert not RuleVersion.objects.exists()


def test_hours_rounded_for_reading_never_hide_what_is_missing() -> None:
    owner = member()
    entry(owner, minutes=32 * 45 - 1)
    view = member_hours(owner, 2026, today=DAY)
    assert str(view.counted_hours) == "31.9"
    assert str(view.missing_hours) == "0.1"


def test_the_secretary_sees_who_lacks_hours_by_name_and_why() -> None:
    branch = organisation()
    lacking = member(branch=branch, name="央金", signed_in=False)
    enough = member(branch=branch, name="阿旺")
    member(name="别的支部")
    entry(enough, minutes=32 * 45)
    entry(lacking, key="self", minutes=45, column="self_study")
    found = branch_shortfalls(branch, 2026, today=DAY)
    assert [shortfall.member for shortfall in found] == [lacking]
    assert found[0].needs_code
    words = " ".join(reason.words for reason in found[0].reasons)
    assert "还差 32 学时" in words
    assert "自学 1.0 学时" in words
    assert "激活码" in words


def session(branch, members, **changes):
    values = {
        "session_id": uuid.uuid4(),
        "branch": branch,
        "title": "学习生态保护",
        "held_on": DAY,
        "minutes": 90,
        "members": members,
        "recorded_by": secretary(branch),
        "today": DAY,
    }
    return record_session(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": "  "}, SessionUntitled),
        ({"held_on": date(2026, 1, 16)}, SessionInFuture),
        ({"minutes": 0}, InvalidDuration),
        ({"minutes": 13 * 60}, InvalidDuration),
        ({"members": []}, EmptyRoster),
    ],
)
def test_a_session_that_cannot_have_been_writes_nothing(changes: dict, error: type) -> None:
    person = member()
    with pytest.raises(error):
        session(person.branch, **({"members": [person]} | changes))
    assert not StudyHoursEntry.objects.exists()


def test_nobody_of_another_branch_gets_onto_a_roster() -> None:
    person, stranger = member(), member()
    with pytest.raises(StrangerOnRoster):
        session(person.branch, [person, stranger])
    assert not StudyHoursEntry.objects.exists()


def test_everyone_on_a_roster_is_credited_once_however_often_it_is_sent() -> None:
    branch = organisation()
    people = [member(branch=branch) for _ in range(3)]
    again = uuid.uuid4()
    for _ in range(2):
        session(branch, people, session_id=again)
    assert sorted(StudyHoursEntry.objects.values_list("column", "minutes")) == [("collective", 90)] * 3


def test_a_corrected_roster_reverses_and_adds_and_can_be_corrected_back() -> None:
    branch = organisation()
    first, second = member(branch=branch, name="甲"), member(branch=branch, name="乙")
    held = session(branch, [first])
    keeper = secretary(branch)
    correct_roster(held, members=[second], corrected_by=keeper, reason="typo")
    assert roster(held) == [second]
    correct_roster(held, members=[first, second], corrected_by=keeper, reason="typo")
    correct_roster(held, members=[first, second], corrected_by=keeper, reason="typo")
    assert {person.name for person in roster(held)} == {"甲", "乙"}
    assert sum(StudyHoursEntry.objects.filter(member=first).values_list("minutes", flat=True)) == 90
    assert StudyHoursEntry.objects.filter(member=first).count() == 3


def test_attended_training_is_central_and_counts_as_one_training() -> None:
    owner = member(duty="secretary")
    held = TrainingClass.objects.create(
        name="书记培训班", organisation=owner.branch, starts_on=DAY, ends_on=date(2026, 1, 16), half_days=4
    )
    place = Enrolment.objects.create(training_class=held, member=owner)
    assert not StudyHoursEntry.objects.exists()
    place.attended = True
    place.save()
    place.save()
    view = member_hours(owner, 2026, today=DAY)
    assert view.columns[0].hours == 16
    assert "central-training-missing" not in [reason.code for reason in view.reasons]
    place.attended = False
    place.save()
    assert member_hours(owner, 2026, today=DAY).columns[0].hours == 0


def test_a_place_given_to_another_member_or_class_takes_its_hours_along() -> None:
    first, second = member(), member()
    held, other = (
        TrainingClass.objects.create(
            name=name, organisation=first.branch, starts_on=DAY, ends_on=date(2026, 1, 16), half_days=half_days
        )
        for name, half_days in (("一班", 4), ("二班", 1))
    )
    place = Enrolment.objects.create(training_class=held, member=first, attended=True)
    place.member = second
    place.save()
    central = [member_hours(person, 2026, today=DAY).columns[0].hours for person in (first, second)]
    assert central == [0, 16]
    place.training_class = other
    place.save()
    assert member_hours(second, 2026, today=DAY).columns[0].hours == 4
