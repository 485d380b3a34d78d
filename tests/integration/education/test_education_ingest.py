"""Study records arrive: exactly once, in any order, whatever they hold."""

from __future__ import annotations

import itertools
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from education.hours.models import StudyHoursEntry
from education.hours.selectors import member_hours
from education.members.models import PartyMember
from education.records.models import LearningRecord
from education.records.selectors import member_state, received_records, sequences_held
from education.records.services import IngestResult, ingest_lines, reconsider
from tests.factories.materials import lesson
from tests.factories.people import NOON, member, quiz, statement

RECEIVED = NOON + timedelta(days=30)
DEVICE, EPOCH = uuid.UUID(int=1), uuid.UUID(int=2)


def send(owner: PartyMember, *lines: bytes, first: int = 1, **changes: Any) -> IngestResult:
    wanted: dict[str, Any] = {"device_id": DEVICE, "epoch": EPOCH, "received_at": RECEIVED} | changes
    return ingest_lines(member=owner, lines=list(lines), first_sequence=first, **wanted)


def minutes(owner: PartyMember) -> int:
    return sum(StudyHoursEntry.objects.filter(member=owner).values_list("minutes", flat=True))


pytestmark = pytest.mark.django_db


def test_a_record_of_an_unknown_lesson_is_kept_with_the_reason() -> None:
    owner = member()
    line = statement(owner, uuid.uuid4())
    result = send(owner, line)
    assert (result.accepted, result.quarantined, dict(result.reasons)) == (0, 1, {"unknown-material": 1})
    kept = LearningRecord.objects.get()
    assert bytes(kept.line) == line
    assert (kept.status, kept.reason) == ("quarantined", "unknown-material")
    assert not StudyHoursEntry.objects.exists()


def test_a_record_of_a_lesson_that_was_never_published_waits_and_counts_for_nothing() -> None:
    owner, draft = member(), lesson(published=None)
    result = send(owner, statement(owner, draft.translation_key))
    assert dict(result.reasons) == {"unknown-material": 1}
    assert reconsider(draft.translation_key) == 0
    assert minutes(owner) == 0
    type(draft).objects.filter(pk=draft.pk).update(first_published_at=NOON - timedelta(days=1))
    assert reconsider(draft.translation_key) == 1
    assert minutes(owner) == draft.nominal_minutes


def test_garbage_is_kept_byte_for_byte_and_does_not_hold_up_its_neighbours() -> None:
    owner = member()
    result = send(owner, b"\xff\x00", statement(owner, lesson().translation_key, sequence=2), b"{}")
    assert (result.accepted, result.quarantined) == (1, 2)
    assert next(bytes(record.line) for record in LearningRecord.objects.order_by("sequence")) == b"\xff\x00"


def test_a_record_in_another_members_name_is_kept_and_credits_nobody() -> None:
    owner, other = member(), member()
    result = send(owner, statement(other, lesson().translation_key))
    assert result.quarantined == 1
    assert not StudyHoursEntry.objects.exists()


def test_a_completed_lesson_is_credited_at_its_nominal_length_as_self_study() -> None:
    owner, learned = member(), lesson(nominal_minutes=12)
    assert send(owner, statement(owner, learned.translation_key)).accepted == 1
    entry = StudyHoursEntry.objects.get()
    assert (entry.column, entry.minutes, entry.member) == ("self_study", 12, owner)
    assert entry.learned_on == NOON.date()


def test_the_same_bundle_a_hundred_times_is_one() -> None:
    owner, learned = member(), lesson()
    line = statement(owner, learned.translation_key)
    results = [send(owner, line) for _ in range(100)]
    assert sum(result.accepted for result in results) == 1
    assert sum(result.duplicate for result in results) == 99
    assert LearningRecord.objects.count() == StudyHoursEntry.objects.count() == 1


def test_a_lesson_completed_often_in_a_year_is_credited_once_and_again_next_year() -> None:
    owner, learned = member(), lesson()
    times = [NOON, NOON + timedelta(days=2), NOON.replace(year=2025)]
    send(owner, *(statement(owner, learned.translation_key, sequence=n, at=at) for n, at in enumerate(times, 1)))
    assert sorted(StudyHoursEntry.objects.values_list("year", flat=True)) == [2025, 2026]


def test_different_content_at_the_same_place_is_kept_twice_and_counts_for_nothing_until_reviewed() -> None:
    owner, learned = member(), lesson()
    first, forged = (statement(owner, learned.translation_key) for _ in range(2))
    send(owner, first)
    assert minutes(owner) == learned.nominal_minutes
    assert send(owner, forged).reasons == {"place-conflict": 1}
    assert LearningRecord.objects.filter(status="quarantined", reason="place-conflict").count() == 2
    assert minutes(owner) == 0
    assert StudyHoursEntry.objects.filter(reverses__isnull=False).count() == 1


def test_a_clean_completion_credits_again_after_a_reversal() -> None:
    owner, learned = member(), lesson()
    send(owner, statement(owner, learned.translation_key))
    send(owner, statement(owner, learned.translation_key))
    send(owner, statement(owner, learned.translation_key, sequence=2), first=2)
    assert minutes(owner) == learned.nominal_minutes
    assert StudyHoursEntry.objects.count() == 3


def test_an_id_that_claims_two_places_is_kept_twice_and_counts_for_nothing() -> None:
    owner, learned = member(), lesson()
    twin = str(uuid.uuid4())
    send(owner, statement(owner, learned.translation_key, id=twin))
    send(owner, statement(owner, learned.translation_key, id=twin, sequence=2), first=2)
    assert set(LearningRecord.objects.values_list("status", "reason")) == {("quarantined", "id-conflict")}
    assert minutes(owner) == 0


def test_another_member_cannot_spoil_a_record_by_copying_its_id() -> None:
    owner, other, learned = member(), member(), lesson()
    send(owner, statement(owner, learned.translation_key, id=(copied := str(uuid.uuid4()))))
    send(other, statement(other, learned.translation_key, id=copied), device_id=uuid.UUID(int=9))
    assert LearningRecord.objects.filter(status="accepted").count() == 2


@pytest.mark.parametrize("clock", ["1970-01-01T00:00:00+00:00", "2036-01-01T00:00:00+00:00", "", "not a time"])
def test_a_clock_years_off_is_kept_raw_and_the_hours_fall_into_a_year_that_can_be(clock: str) -> None:
    owner, learned = member(), lesson()
    assert send(owner, statement(owner, learned.translation_key, at=clock)).accepted == 1
    record = LearningRecord.objects.get()
    assert record.device_time == clock
    assert record.member.user is not None
    assert record.member.user.date_joined <= record.occurred_at <= RECEIVED
    assert minutes(owner) == learned.nominal_minutes


def test_new_years_eve_belongs_to_the_year_of_the_plateau_not_of_greenwich() -> None:
    owner, learned = member(), lesson()
    send(owner, statement(owner, learned.translation_key, at=datetime(2025, 12, 31, 17, tzinfo=UTC)))
    assert StudyHoursEntry.objects.get().year == 2026


def test_quiz_answers_are_graded_by_the_server() -> None:
    owner, paper = member(), quiz(questions=2)
    questions = [str(question.question_id) for question in paper.questions.all()]
    claimed = {"response": {questions[0]: "a", questions[1]: "b"}, "score": {"scaled": 1.0}}
    send(owner, statement(owner, paper.material_id, verb="answered", result=claimed))
    state = member_state(owner)[str(paper.material_id)]
    assert (state.best_correct, state.questions) == (1, 2)
    assert not StudyHoursEntry.objects.exists()


def test_a_quiz_answer_for_an_unknown_lesson_is_kept() -> None:
    owner = member()
    result = send(owner, statement(owner, uuid.uuid4(), verb="answered", result={"response": {"q": "a"}}))
    assert result.quarantined == 1
    assert LearningRecord.objects.count() == 1


def test_records_wait_for_a_lesson_that_arrives_later() -> None:
    owner, later = member(), uuid.uuid4()
    send(owner, statement(owner, later))
    assert reconsider(later) == 0
    learned = lesson(translation_key=later)
    assert reconsider(later) == 1
    assert reconsider(later) == 0
    assert minutes(owner) == learned.nominal_minutes


def test_the_member_sees_what_the_server_has_and_the_hours_in_their_column() -> None:
    owner, learned = member(), lesson(nominal_minutes=45)
    send(owner, statement(owner, learned.translation_key), b"garbage")
    received = received_records(owner)
    assert (received.total, received.last_received_at) == (2, RECEIVED)
    assert [(day.accepted, day.waiting) for day in received.days] == [(1, 1)]
    view = member_hours(owner, 2026, today=RECEIVED.date())
    assert {column.column: str(column.hours) for column in view.columns} == {
        "central": "0.0",
        "collective": "0.0",
        "self_study": "1.0",
    }
    assert str(view.missing_hours) == "32"
    assert sequences_held(DEVICE, EPOCH) == [1, 2]


def test_a_bundle_costs_the_same_number_of_queries_whatever_its_length(django_assert_max_num_queries: Any) -> None:
    owner, learned = member(), [lesson() for _ in range(3)]
    lines = [statement(owner, learned[number % 3].translation_key, sequence=number) for number in range(1, 501)]
    with django_assert_max_num_queries(24):
        assert send(owner, *lines).accepted == 500


class OrderNeverMatters(TestCase):
    """Any order, overlap and repetition of bundles leads to the same accepted records and the same hours."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.randoms(use_true_random=False), st.integers(0, 2))
    def test_any_delivery_converges(self, chance: random.Random, conflicts: int) -> None:
        owner, learned = member(), [lesson(), lesson()]
        lines: list[tuple[uuid.UUID, int, bytes]] = []
        for epoch, sequence in itertools.product((uuid.uuid4(), uuid.uuid4()), range(1, 5)):
            material = chance.choice(learned).translation_key if chance.random() < 0.9 else uuid.uuid4()
            lines.append((epoch, sequence, statement(owner, material, sequence=sequence)))
        for epoch, sequence, line in chance.sample(lines, conflicts):
            lines.append((epoch, sequence, line.replace(b"mono_ms", b"mono__s")))
        device = uuid.uuid4()
        seen = []
        for _delivery in range(2):
            before = transaction.savepoint()
            parcels = [*lines, *chance.sample(lines, 3)]
            chance.shuffle(parcels)
            for epoch, sequence, line in parcels:
                send(owner, line, first=sequence, epoch=epoch, device_id=device)
            accepted = LearningRecord.objects.filter(member=owner, status="accepted")
            seen.append((sorted(accepted.values_list("line_sha256", flat=True)), minutes(owner), member_state(owner)))
            # The ledger is append-only: the other delivery begins again from before this one.
            transaction.savepoint_rollback(before)
        assert seen[0] == seen[1]
