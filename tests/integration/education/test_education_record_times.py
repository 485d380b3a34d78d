"""The year in which a lesson counts does not depend on how its record was carried."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cms.lessons.models import Lesson
from education.hours.models import StudyHoursEntry
from education.members.models import PartyMember
from education.records.models import LearningRecord
from education.records.services import ingest_lines
from tests.factories.materials import lesson
from tests.factories.people import member, statement

pytestmark = pytest.mark.django_db

RECEIVED = datetime(2026, 2, 20, 4, tzinfo=UTC)
LONG_AGO = datetime(2016, 1, 1, tzinfo=UTC)
RIGHT = datetime(2025, 12, 20, 4, tzinfo=UTC)
DEVICE, EPOCH = uuid.UUID(int=1), uuid.UUID(int=2)


def owner_since(moment: datetime) -> PartyMember:
    owner = member()
    assert owner.user
    owner.user.date_joined = moment
    owner.user.save()
    return owner


def send(owner: PartyMember, line: bytes, first: int) -> None:
    ingest_lines(member=owner, device_id=DEVICE, epoch=EPOCH, lines=[line], first_sequence=first, received_at=RECEIVED)


def years(owner: PartyMember) -> dict[int, int]:
    """Minutes by year, reversals taken off."""
    sums: dict[int, int] = {}
    for year, length in StudyHoursEntry.objects.filter(member=owner).values_list("year", "minutes"):
        sums[year] = sums.get(year, 0) + length
    return {year: total for year, total in sums.items() if total}


def test_a_neighbour_that_comes_later_moves_the_hours_to_their_year() -> None:
    owner, material = owner_since(datetime(2024, 3, 1, tzinfo=UTC)), lesson().translation_key
    send(owner, statement(owner, material, sequence=1, at=LONG_AGO), 1)
    assert years(owner) == {2026: 12}
    send(owner, statement(owner, material, verb="initialized", sequence=2, at=RIGHT), 2)
    assert years(owner) == {2025: 12}
    assert LearningRecord.objects.get(sequence=1).is_time_estimated
    assert not LearningRecord.objects.get(sequence=2).is_time_estimated


def test_nobody_learned_what_was_not_published_yet() -> None:
    owner, made = owner_since(datetime(2024, 3, 1, tzinfo=UTC)), lesson()
    Lesson.objects.filter(pk=made.pk).update(first_published_at=datetime(2026, 2, 1, tzinfo=UTC))
    send(owner, statement(owner, made.translation_key, at=datetime(2024, 6, 1, tzinfo=UTC)), 1)
    assert years(owner) == {2026: 12}


class HowTheyAreCarriedNeverMatters(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.randoms(use_true_random=False))
    def test_wrong_clocks_give_the_same_hours_in_any_order_of_single_records(self, chance: random.Random) -> None:
        owner, learned = owner_since(datetime(2024, 3, 1, tzinfo=UTC)), [lesson(), lesson()]
        clocks = [LONG_AGO, RIGHT, RECEIVED, RECEIVED + timedelta(days=4000)]
        lines = {
            place: statement(owner, chance.choice(learned).translation_key, sequence=place, at=chance.choice(clocks))
            for place in range(1, 6)
        }
        seen = []
        for _delivery in range(2):
            before = transaction.savepoint()
            for place in chance.sample(sorted(lines), len(lines)):
                send(owner, lines[place], place)
            times = LearningRecord.objects.order_by("sequence").values_list("occurred_at", "is_time_estimated")
            seen.append((list(times), years(owner)))
            assert all(moment <= RECEIVED for moment, _ in times)
            transaction.savepoint_rollback(before)
        assert seen[0] == seen[1]
        assert sum(seen[0][1].values()) % 12 == 0
