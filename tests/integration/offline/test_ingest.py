"""Bundles of study records over HTTP: exactly once, in any order, whoever carries them (record-sync.md §4)."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from education.hours.models import StudyHoursEntry
from education.records.models import LearningRecord
from offline.sync import protocol, services
from offline.sync.models import ChainSpan, Device, RecordBundle
from tests.factories import materials, people
from tests.factories.offline import Phone

pytestmark = pytest.mark.django_db

URL = "/api/v1/records/"


@pytest.fixture
def lessons() -> list:
    return [materials.lesson() for _number in range(4)]


@pytest.fixture
def phone(lessons) -> Phone:
    """A registered phone whose log holds twelve records about four lessons."""
    made = Phone(people.member()).register()
    for number in range(12):
        made.learn(lessons[number % 4].translation_key)
    return made


def send(body: bytes, **headers: str):
    """As a phone without a session sends it, with CSRF checks on."""
    return Client(enforce_csrf_checks=True).post(
        URL, data=body, content_type="application/vnd.gyxf.bundle", headers=headers
    )


def acknowledged(body: bytes) -> dict[str, Any]:
    response = send(body)
    assert response.status_code == 200, response.content
    return response.json()


def refused(body: bytes) -> tuple[int, str]:
    response = send(body)
    error = response.json()["error"]
    assert error["message"]
    assert error["message_en"]
    return response.status_code, error["code"]


class TestRefusals:
    def test_a_gzip_bomb_is_refused_and_nothing_is_kept(self, phone):
        assert refused(gzip.compress(bytes(64 * 1024 * 1024))) == (413, "bundle-too-large")
        assert not RecordBundle.objects.exists()

    def test_a_body_above_the_limit_is_refused_by_its_announced_length(self, phone):
        assert refused(bytes(protocol.MAX_BUNDLE_BYTES + 1)) == (413, "bundle-too-large")

    @pytest.mark.parametrize("body", [b"", b"{}", b"<html>log in</html>", gzip.compress(b"{}", mtime=0)])
    def test_what_is_no_bundle_is_refused_with_words(self, body):
        assert refused(body) == (400, "bundle-malformed")

    def test_an_unknown_device_is_told_to_sign_in_and_nothing_is_kept(self, lessons):
        stranger = Phone(people.member()).learn(lessons[0].translation_key)
        assert refused(stranger.bundle()) == (403, "device-unknown")
        assert not RecordBundle.objects.exists()

    def test_a_forged_bundle_is_quarantined_and_the_devices_own_go_on(self, phone):
        forged = phone.bundle(key=Ed25519PrivateKey.generate())
        assert refused(forged) == (403, "bundle-signature-invalid")
        assert refused(forged) == (403, "bundle-signature-invalid")
        stored = RecordBundle.objects.get()
        assert (stored.status, bytes(stored.content)) == ("quarantined", forged)
        assert acknowledged(phone.bundle())["accepted"] == 12

    def test_a_bundle_in_another_devices_name_is_quarantined(self, phone):
        other = Phone(people.member()).register()
        other.device_id, other.lines = phone.device_id, list(phone.lines)
        assert refused(other.bundle()) == (403, "bundle-signature-invalid")
        assert not LearningRecord.objects.exists()

    def test_altered_lines_are_quarantined(self, phone):
        plain = gzip.decompress(phone.bundle()).replace(b'"completion":true', b'"completion":1234', 1)
        assert refused(gzip.compress(plain)) == (409, "bundle-chain-broken")
        assert not LearningRecord.objects.exists()

    def test_a_revoked_devices_bundle_is_kept_for_review_and_earlier_records_stay(self, phone):
        acknowledged(phone.bundle(1, 6))
        Device.objects.update(revoked_at=people.NOON)
        assert refused(phone.bundle(7)) == (403, "device-revoked")
        assert LearningRecord.objects.count() == 6
        assert RecordBundle.objects.get(status="quarantined").reason == "device-revoked"

    def test_whoever_knows_a_device_id_cannot_fill_the_disk(self, phone):
        for number in range(services.MAX_QUARANTINED_OF_A_DEVICE + 5):
            phone.epoch = type(phone.epoch)(int=number)
            refused(phone.bundle(1, 1, key=Ed25519PrivateKey.generate()))
        assert RecordBundle.objects.count() == services.MAX_QUARANTINED_OF_A_DEVICE


class TestExactlyOnce:
    def test_one_bundle_a_hundred_times_counts_once_and_every_answer_is_the_same(self, phone):
        body = phone.bundle()
        answers = [acknowledged(body) for _time in range(100)]
        for answer in answers:
            answer.pop("server_time")
        assert all(answer == answers[0] for answer in answers)
        assert (answers[0]["contiguous"], answers[0]["head"]) == (12, phone.heads()[12].hex())
        assert LearningRecord.objects.count() == 12
        assert StudyHoursEntry.objects.count() == 4
        assert RecordBundle.objects.count() == 1

    def test_the_same_lines_packed_anew_are_duplicates(self, phone):
        acknowledged(phone.bundle())
        answer = acknowledged(phone.bundle(3))
        assert (answer["accepted"], answer["duplicate"], answer["contiguous"]) == (0, 10, 12)

    def test_a_crash_before_the_commit_leaves_nothing_and_the_repetition_everything(self, phone, monkeypatch):
        def crash(*args, **kwargs):
            raise RuntimeError("power cut")

        body = phone.bundle()
        with monkeypatch.context() as patched:
            patched.setattr(services.RecordBundle.objects, "create", crash)
            with pytest.raises(RuntimeError):
                services.ingest_bundle(body, received_at=people.NOON)
        for model in (LearningRecord, StudyHoursEntry, RecordBundle, ChainSpan):
            assert not model.objects.exists()
        assert acknowledged(body)["accepted"] == 12

    def test_a_new_epoch_after_a_storage_reset_is_a_log_of_its_own(self, phone, lessons):
        acknowledged(phone.bundle())
        phone.epoch, phone.lines = type(phone.epoch)(int=5), []
        phone.learn(lessons[0].translation_key)
        answer = acknowledged(phone.bundle())
        assert (answer["accepted"], answer["contiguous"]) == (1, 1)
        assert LearningRecord.objects.count() == 13

    def test_a_quiz_answer_for_an_unknown_lesson_is_kept_and_the_others_go_on(self, phone, lessons):
        phone.learn(type(phone.epoch)(int=99)).learn(lessons[0].translation_key)
        answer = acknowledged(phone.bundle())
        assert (answer["accepted"], answer["quarantined"], answer["contiguous"]) == (13, 1, 14)
        assert answer["in_review"] == 1
        LearningRecord.objects.filter(status="quarantined").update(status="accepted")
        assert (acknowledged(phone.bundle())["quarantined"], acknowledged(phone.bundle())["in_review"]) == (1, 0)


class TestOrder:
    def test_a_gap_is_named_and_closed(self, phone):
        answer = acknowledged(phone.bundle(5, 6))
        assert (answer["contiguous"], answer["gaps"]) == (0, [[1, 4]])
        assert answer["head"] == phone.heads()[0].hex()
        answer = acknowledged(phone.bundle(9, 12))
        assert answer["gaps"] == [[1, 4], [7, 8]]
        answer = acknowledged(phone.bundle(1, 8))
        assert (answer["contiguous"], answer["gaps"]) == (12, [])

    @pytest.mark.parametrize("seed", range(5))
    def test_reordered_and_overlapping_bundles_end_as_if_all_had_come_at_once(self, phone, seed):
        chance = random.Random(seed)
        ranges = [(1, 4), (3, 7), (6, 9), (8, 12), (2, 2), (1, 12), (10, 11)]
        chance.shuffle(ranges)
        for first, last in ranges:
            answer = acknowledged(phone.bundle(first, last))
        assert (answer["contiguous"], answer["head"], answer["gaps"]) == (12, phone.heads()[12].hex(), [])
        assert LearningRecord.objects.filter(status="accepted").count() == 12
        assert StudyHoursEntry.objects.count() == 4
        assert ChainSpan.objects.count() == 1


class TestClones:
    def test_two_phones_with_one_key_are_both_kept_and_flagged(self, phone, lessons):
        twin = phone.clone()
        phone.learn(lessons[0].translation_key)
        twin.learn(lessons[1].translation_key).learn(lessons[2].translation_key)
        acknowledged(phone.bundle())
        answer = acknowledged(twin.bundle())
        assert (answer["contiguous"], answer["head"]) == (13, phone.heads()[13].hex())
        assert (answer["quarantined"], answer["in_review"]) == (1, 2)
        assert LearningRecord.objects.filter(sequence=13, status="quarantined").count() == 2
        assert RecordBundle.objects.get(status="quarantined").reason == services.FORK
        assert acknowledged(twin.bundle())["quarantined"] == 1

    def test_whichever_twin_comes_first_the_same_records_are_accepted(self, phone, lessons):
        twin = phone.clone()
        phone.learn(lessons[0].translation_key)
        twin.learn(lessons[1].translation_key).learn(lessons[2].translation_key)
        outcomes = []
        for bodies in ([phone.bundle(), twin.bundle()], [twin.bundle(), phone.bundle()]):
            LearningRecord.objects.all().delete()
            RecordBundle.objects.all().delete()
            ChainSpan.objects.all().delete()
            for body in bodies:
                acknowledged(body)
            accepted = LearningRecord.objects.filter(status="accepted").order_by("sequence")
            outcomes.append(list(accepted.values_list("sequence", "line_sha256")))
        assert outcomes[0] == outcomes[1]


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_delivery_of_the_same_records_converges(data, lessons):
    """Carriers may delay, drop, repeat and reorder; once everything has come, the state is one."""
    phone = Phone(people.member()).register()
    for number in range(12):
        phone.learn(lessons[number % 4].translation_key)
    mine = LearningRecord.objects.filter(member=phone.member, status="accepted")
    cut = st.tuples(st.integers(1, 12), st.integers(1, 12)).map(lambda pair: (min(pair), max(pair)))
    known: set[int] = set()
    for first, last in [*data.draw(st.lists(cut, max_size=6)), (1, 12)]:
        answer = acknowledged(phone.bundle(first, last))
        known |= set(range(first, last + 1))
        missing = {number for low, high in answer["gaps"] for number in range(low, high + 1)}
        assert missing == set(range(1, max(known))) - known
        assert mine.count() == len(known)
    assert (answer["contiguous"], answer["head"]) == (12, phone.heads()[12].hex())
    assert StudyHoursEntry.objects.filter(member=phone.member, reverses=None, reversal=None).count() == 4


def test_the_answer_is_never_cached_and_says_whose_log_it_speaks_of(phone):
    response = send(phone.bundle())
    assert "no-store" in response["Cache-Control"]
    document = json.loads(response.content)
    assert document["device"] == str(phone.device_id)
    assert document["epoch"] == str(phone.epoch)
    assert Device.objects.get().last_contact_at is not None
