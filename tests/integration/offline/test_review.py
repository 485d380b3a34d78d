"""The review queue: bundles and records in quarantine are accepted or rejected, once, with a reason, never changed."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import serializers
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.errors import NotPermitted
from accounts.models import Organisation, User
from accounts.services import assign_role
from education.hours.errors import LedgerIsAppendOnly
from education.hours.models import StudyHoursEntry
from education.hours.selectors import member_hours
from education.members.export import export_document
from education.records.errors import AlreadyDecided, NotAcceptable, NothingToDecide, WhyMissing
from education.records.models import LearningRecord, RecordDecision
from education.records.review import decide_record
from education.records.selectors import last_begun, member_state, received_records
from education.records.services import ingest_lines, reconsider
from offline.sync import services
from offline.sync.errors import BundleError
from offline.sync.models import BundleDecision, ChainSpan, Device, RecordBundle
from offline.sync.review import decide_bundle
from offline.sync.selectors import bundles_for_review
from tests.factories import materials, people
from tests.factories.offline import Phone

pytestmark = pytest.mark.django_db
WHY = "与本人核对，手机没有丢"


@pytest.fixture
def lesson() -> Any:
    return materials.lesson(nominal_minutes=12)


@pytest.fixture
def phone(lesson: Any) -> Phone:
    """A registered phone with one completed lesson that it has not sent yet."""
    return Phone(people.member(name="拉毛")).register().learn(lesson.translation_key)


@pytest.fixture
def administrator(phone: Phone) -> User:
    return administrator_of(phone.member.branch)


def administrator_of(branch: Organisation) -> User:
    person = people.user(name="管理员")
    place = Organisation.objects.get(pk=branch.pk).get_parent()
    assign_role(user=person, role="province_administrator", organisation=place)
    return person


def minutes(phone: Phone) -> int:
    return sum(column.minutes for column in member_hours(phone.member, 2026).columns)


def revoke(phone: Phone, by: User) -> None:
    services.revoke_device(device=Device.objects.get(device_id=phone.device_id), by=by, at=people.NOON)


def send(body: bytes) -> RecordBundle:
    """What became of a bundle that may be refused."""
    with contextlib.suppress(BundleError):
        services.ingest_bundle(body, received_at=people.NOON)
    return RecordBundle.objects.latest("pk")


def row(*models: Any) -> list[Any]:
    return [serializers.serialize("python", model.objects.order_by("pk")) for model in models]


def quarantined(phone: Phone, *, outcomes: int = 2) -> list[LearningRecord]:
    records = list(LearningRecord.objects.filter(member=phone.member, status="quarantined").order_by("pk"))
    assert len(records) == outcomes
    return records


class TestBundles:
    def test_a_phone_revoked_by_mistake_gets_its_hours_and_the_bundle_stays_as_it_was(self, phone, administrator):
        revoke(phone, administrator)
        waiting = send(phone.bundle())
        before = row(RecordBundle)
        assert (waiting.reason, minutes(phone)) == ("device-revoked", 0)
        decision = decide_bundle(waiting, outcome="accepted", why=f"  {WHY}\n", by=administrator)
        assert (decision.by, decision.why, decision.accepted) == (administrator, WHY, 1)
        assert minutes(phone) == 12
        assert row(RecordBundle) == before
        record = LearningRecord.objects.get()
        assert (record.status, record.received_at) == ("accepted", waiting.received_at)
        assert ChainSpan.objects.get().last == 1
        assert not bundles_for_review(administrator).exists()

    def test_the_phone_that_sends_it_again_is_told_that_it_arrived(self, phone, administrator):
        revoke(phone, administrator)
        decide_bundle(send(phone.bundle()), outcome="accepted", why=WHY, by=administrator)
        answer = services.ingest_bundle(phone.bundle(), received_at=people.NOON)
        assert (answer.accepted, answer.contiguous, answer.head) == (1, 1, phone.heads()[1].hex())
        assert minutes(phone) == 12

    def test_a_decision_is_made_once_and_the_same_again_changes_nothing(self, phone, administrator):
        revoke(phone, administrator)
        waiting = send(phone.bundle())
        first = decide_bundle(waiting, outcome="accepted", why=WHY, by=administrator)
        assert decide_bundle(waiting, outcome="accepted", why="又一次", by=administrator) == first
        with pytest.raises(AlreadyDecided):
            decide_bundle(waiting, outcome="rejected", why=WHY, by=administrator)
        assert (BundleDecision.objects.get().why, minutes(phone)) == (WHY, 12)

    def test_a_rejected_bundle_leaves_the_queue_counts_for_nothing_and_does_not_come_back(self, phone, administrator):
        revoke(phone, administrator)
        waiting = send(phone.bundle())
        decide_bundle(waiting, outcome="rejected", why="手机确实丢了", by=administrator)
        assert send(phone.bundle()) == waiting
        assert not bundles_for_review(administrator).exists()
        assert (minutes(phone), LearningRecord.objects.count()) == (0, 0)

    def test_what_nobody_can_prove_can_be_rejected_only(self, phone, administrator):
        forged = send(phone.bundle(key=Ed25519PrivateKey.generate()))
        with pytest.raises(NotAcceptable):
            decide_bundle(forged, outcome="accepted", why=WHY, by=administrator)
        assert not BundleDecision.objects.exists()
        assert decide_bundle(forged, outcome="rejected", why="签名不对", by=administrator).outcome == "rejected"
        assert minutes(phone) == 0

    def test_a_bundle_that_was_taken_in_needs_no_decision(self, phone, administrator):
        with pytest.raises(NothingToDecide):
            decide_bundle(send(phone.bundle()), outcome="rejected", why=WHY, by=administrator)

    def test_decided_bundles_make_room_for_others(self, phone, administrator, monkeypatch):
        monkeypatch.setattr(services, "MAX_QUARANTINED_OF_A_DEVICE", 1)
        first = send(phone.bundle(key=Ed25519PrivateKey.generate()))
        assert send(phone.bundle(key=Ed25519PrivateKey.generate())) == first
        decide_bundle(first, outcome="rejected", why=WHY, by=administrator)
        assert send(phone.bundle(key=Ed25519PrivateKey.generate())) != first

    def test_a_cloned_phones_case_is_closed_and_its_clashing_records_are_decided_one_by_one(
        self, phone, lesson, administrator
    ):
        twin = phone.clone()
        other = materials.lesson(nominal_minutes=30)
        services.ingest_bundle(phone.bundle(), received_at=people.NOON)
        phone.learn(other.translation_key)
        twin.learn(materials.lesson(nominal_minutes=7).translation_key)
        services.ingest_bundle(phone.bundle(), received_at=people.NOON)
        fork = send(twin.bundle())
        assert fork.reason == services.FORK
        decide_bundle(fork, outcome="accepted", why=WHY, by=administrator)
        assert minutes(phone) == 12
        one, another = quarantined(phone)
        decide_record(one, outcome="accepted", why=WHY, by=administrator)
        decide_record(another, outcome="rejected", why="不是本人学的", by=administrator)
        assert minutes(phone) == 42


class TestRecords:
    @pytest.fixture
    def clash(self, phone: Phone) -> tuple[LearningRecord, LearningRecord]:
        """Two lines at one place of the log: both wait."""
        for line in (phone.lines[0], people.statement(phone.member, materials.lesson().translation_key)):
            ingest_lines(
                member=phone.member, device_id=phone.device_id, epoch=phone.epoch, lines=[line], first_sequence=1,
                received_at=people.NOON,
            )  # fmt: skip
        first, second = quarantined(phone)
        return first, second

    def test_an_accepted_record_counts_in_states_and_hours_and_stays_as_it_was(
        self, phone, lesson, clash, administrator
    ):
        before = row(LearningRecord)
        assert (minutes(phone), member_state(phone.member)) == (0, {})
        decision = decide_record(clash[0], outcome="accepted", why=WHY, by=administrator)
        assert (decision.by, decision.why) == (administrator, WHY)
        assert row(LearningRecord) == before
        assert minutes(phone) == 12
        assert StudyHoursEntry.objects.latest("pk").recorded_by == administrator
        assert member_state(phone.member)[str(lesson.translation_key)].is_completed
        assert last_begun(phone.member) is None
        [day] = received_records(phone.member).days
        assert (day.accepted, day.waiting) == (1, 1)

    def test_deciding_twice_credits_once(self, phone, clash, administrator):
        first = decide_record(clash[0], outcome="accepted", why=WHY, by=administrator)
        assert decide_record(clash[0], outcome="accepted", why="再点一次", by=administrator) == first
        with pytest.raises(AlreadyDecided):
            decide_record(clash[0], outcome="rejected", why=WHY, by=administrator)
        assert (minutes(phone), RecordDecision.objects.count()) == (12, 1)
        # Credited as it came, reversed when its twin came, entered again by the decision.
        assert StudyHoursEntry.objects.count() == 3

    def test_a_third_line_at_the_place_takes_nothing_back(self, phone, clash, administrator):
        decide_record(clash[0], outcome="accepted", why=WHY, by=administrator)
        line = people.statement(phone.member, materials.lesson(nominal_minutes=99).translation_key)
        ingest_lines(
            member=phone.member, device_id=phone.device_id, epoch=phone.epoch, lines=[line], first_sequence=1,
            received_at=people.NOON,
        )  # fmt: skip
        assert minutes(phone) == 12

    def test_a_rejected_record_counts_for_nothing_whatever_comes_later(self, administrator, phone):
        draft = materials.lesson(published=None)
        phone.learn(draft.translation_key)
        services.ingest_bundle(phone.bundle(), received_at=people.NOON)
        [waiting] = quarantined(phone, outcomes=1)
        with pytest.raises(NotAcceptable):
            decide_record(waiting, outcome="accepted", why=WHY, by=administrator)
        decide_record(waiting, outcome="rejected", why="没有这门课", by=administrator)
        type(draft).objects.filter(pk=draft.pk).update(first_published_at=people.NOON)
        assert reconsider(draft.translation_key) == 0
        assert minutes(phone) == 12
        [day] = received_records(phone.member).days
        assert (day.accepted, day.waiting) == (1, 0)

    def test_garbage_cannot_be_accepted(self, phone, administrator):
        ingest_lines(
            member=phone.member, device_id=phone.device_id, epoch=phone.epoch, lines=[b"{}"], first_sequence=1,
            received_at=people.NOON,
        )  # fmt: skip
        with pytest.raises(NotAcceptable):
            decide_record(LearningRecord.objects.get(), outcome="accepted", why=WHY, by=administrator)

    def test_a_record_that_counts_already_needs_no_decision(self, phone, administrator):
        services.ingest_bundle(phone.bundle(), received_at=people.NOON)
        with pytest.raises(NothingToDecide):
            decide_record(LearningRecord.objects.get(), outcome="rejected", why=WHY, by=administrator)

    @pytest.mark.parametrize("why", ["", "  \n "])
    def test_no_decision_without_a_reason(self, clash, administrator, why):
        with pytest.raises(WhyMissing):
            decide_record(clash[0], outcome="accepted", why=why, by=administrator)

    def test_only_administrators_of_the_members_organisation_decide(self, phone, clash, administrator):
        elsewhere = administrator_of(people.organisation())
        for person in (elsewhere, people.secretary(phone.member.branch), phone.member.user):
            with pytest.raises(NotPermitted):
                decide_record(clash[0], outcome="accepted", why=WHY, by=person)
        assert minutes(phone) == 0

    def test_decisions_are_kept_for_good_and_stand_in_the_members_own_data(self, phone, clash, administrator):
        decision = decide_record(clash[0], outcome="accepted", why=WHY, by=administrator)
        for attempt in (decision.save, decision.delete, RecordDecision.objects.all().delete):
            with pytest.raises(LedgerIsAppendOnly):
                attempt()
        for statement in ("UPDATE records_recorddecision SET why = ''", "DELETE FROM records_recorddecision"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        reviews = [record["review"] for record in export_document(phone.member)["records"]]
        assert (reviews[0]["why"], reviews[0]["by"], reviews[1]) == (WHY, "管理员", None)


class TestInTheAdmin:
    def test_the_queue_shows_what_waits_and_the_page_decides(self, phone, administrator):
        revoke(phone, administrator)
        waiting = send(phone.bundle())
        desk = Client()
        desk.force_login(administrator)
        queue, page = "/admin/record_bundles/?review=waiting", f"/admin/record_bundles/inspect/{waiting.pk}/"
        listed = desk.get(queue).content.decode()
        assert "拉毛" in listed
        assert f'href="{page}"' in listed
        assert 'id="decide"' in desk.get(page).content.decode()
        assert f"{timezone.localtime(waiting.received_at):%Y-%m-%d %H:%M}" in desk.get(page).content.decode()
        told = desk.post(page, {"outcome": "accepted", "why": ""}, follow=True).content.decode()
        assert "请写明理由" in told
        assert not BundleDecision.objects.exists()
        for _ in range(2):
            told = desk.post(page, {"outcome": "accepted", "why": WHY}, follow=True).content.decode()
            assert "已办理" in told
            assert WHY in told
        assert 'id="decide"' not in told
        assert "拉毛" not in desk.get(queue).content.decode()
        assert "拉毛" in desk.get("/admin/record_bundles/?review=accepted").content.decode()
        assert minutes(phone) == 12

    def test_a_record_is_rejected_with_a_reason(self, phone, administrator):
        ingest_lines(
            member=phone.member, device_id=phone.device_id, epoch=phone.epoch, lines=[b"{}"], first_sequence=1,
            received_at=people.NOON,
        )  # fmt: skip
        page = f"/admin/learning_records/inspect/{LearningRecord.objects.get().pk}/"
        desk = Client()
        desk.force_login(administrator)
        assert f'href="{page}"' in desk.get("/admin/learning_records/?review=waiting").content.decode()
        assert "不能采纳" in desk.post(page, {"outcome": "accepted", "why": WHY}, follow=True).content.decode()
        assert "没有办理" in desk.post(page, {"outcome": "else", "why": WHY}, follow=True).content.decode()
        desk.post(page, {"outcome": "rejected", "why": "内容损坏"})
        assert RecordDecision.objects.get().why == "内容损坏"
        assert "拉毛" not in desk.get("/admin/learning_records/?review=waiting").content.decode()
