"""A member's own data and their end: the export leaves nothing out, and an erased member's phones are revoked."""

from __future__ import annotations

import base64
import json

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import AccountEvent, Organisation, RoleAssignment
from accounts.services import assign_role, issue_code
from education.members.export import export_document
from education.members.models import PartyMember
from education.members.services import erase_member, request_deletion
from offline.sync import services
from offline.sync.errors import DeviceRevoked
from offline.sync.models import Device, RecordBundle
from tests.factories import materials, people
from tests.factories.offline import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Phone:
    """A registered phone with one record."""
    return Phone(people.member(name="拉毛")).register().learn(materials.lesson().translation_key)


def test_the_export_holds_devices_bundles_and_the_accounts_events(phone: Phone) -> None:
    body = phone.bundle()
    services.ingest_bundle(body, received_at=people.NOON)
    person = phone.member
    branch = Organisation.objects.get(pk=person.branch_id)
    issue_code(user=person.user, created_by=people.user())
    assign_role(user=person.user, role=RoleAssignment.Role.BRANCH_SECRETARY, organisation=branch)
    browser = Client()
    browser.force_login(person.user)
    document = json.loads(browser.get("/me/export.json").content)
    [device], [bundle] = document["devices"], document["bundles"]
    assert (device["device_id"], device["public_key"]) == (str(phone.device_id), phone.public_key)
    assert (base64.b64decode(bundle["content"]), bundle["sequences"]) == (body, [1, 1])
    assert [event["kind"] for event in document["account_events"]] == ["授予角色"]
    assert len(document["roles"]) == len(document["activation_codes"]) == 1
    assert len(document["records"]) == 1


def test_the_export_of_one_member_holds_nothing_of_another(phone: Phone) -> None:
    services.ingest_bundle(phone.bundle(), received_at=people.NOON)
    AccountEvent.objects.create(kind="locked", account_id=phone.member.user_id, account="x")
    other = export_document(people.member(name="旺堆"))
    kept = ("devices", "bundles", "account_events", "roles", "activation_codes", "records")
    assert {name: other[name] for name in kept} == {name: [] for name in kept}


EXPORTED = {
    "members.PartyMember", "hours.StudyHoursEntry", "records.LearningRecord", "classroom.ClassroomSession",
    "classroom.ClassroomSession_members", "training.Enrolment", "sync.Device", "sync.RecordBundle",
}  # fmt: skip
DERIVED = {"sync.ChainSpan"}
"""Made of the bundles, and made again from them."""


def test_every_table_that_refers_to_a_member_or_a_phone_is_exported() -> None:
    about = {PartyMember, Device}
    referring = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields(include_hidden=True)
        if field.concrete and field.related_model in about
    }
    assert referring - EXPORTED - DERIVED == set()


def test_erasing_a_member_revokes_the_phones_in_whose_hands_they_may_be(phone: Phone) -> None:
    secretary = people.secretary(phone.member.branch)
    lost = Phone(phone.member).register()
    services.revoke_device(device=Device.objects.get(device_id=lost.device_id), by=secretary, at=people.NOON)
    other = Phone(people.member(branch=phone.member.branch)).register()
    request_deletion(phone.member)
    desk = Client()
    desk.force_login(secretary)
    path = f"/branch/{phone.member.branch.code}/members/{phone.member.member_id}/erase/"
    assert desk.post(path).status_code == 302
    erased = Device.objects.get(device_id=phone.device_id)
    assert (erased.revoked_at, erased.revoked_by) == (PartyMember.objects.get(pk=phone.member.pk).erased_at, secretary)
    assert Device.objects.get(device_id=lost.device_id).revoked_at == people.NOON
    assert Device.objects.get(device_id=other.device_id).revoked_at is None
    with pytest.raises(DeviceRevoked):
        services.ingest_bundle(phone.bundle(), received_at=timezone.now())
    assert RecordBundle.objects.get().reason == "device-revoked"


def test_a_member_erased_by_a_program_has_no_phone_in_use_either(phone: Phone) -> None:
    erase_member(phone.member)
    assert Device.objects.get(device_id=phone.device_id).revoked_by is None
    assert not Device.objects.active().exists()
