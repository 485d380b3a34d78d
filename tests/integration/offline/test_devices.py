"""Registering a phone, and revoking a lost one (record-sync.md §1)."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from accounts.models import RoleAssignment
from accounts.services import assign_role
from offline.sync import api, protocol, services
from offline.sync.errors import NotAllowedToRevoke
from offline.sync.models import Device
from tests.factories import people
from tests.factories.offline import Phone

pytestmark = pytest.mark.django_db

CHALLENGE, DEVICES = "/api/v1/devices/challenge/", "/api/v1/devices/"


def signed_in(member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def register(client: Client, phone: Phone, **changes):
    challenge = client.get(CHALLENGE).json()["challenge"]
    body = {
        "public_key": phone.public_key,
        "proof": phone.key.sign(protocol.device_proof_message(challenge)).hex(),
        "challenge": challenge,
        **changes,
    }
    return client.post(DEVICES, data=json.dumps(body), content_type="application/json")


class TestRefusals:
    def test_a_stranger_is_told_to_sign_in(self):
        for response in (Client().get(CHALLENGE), Client().post(DEVICES)):
            assert response.status_code == 401 or response.json()["error"]["code"] == "sign-in-first"

    def test_an_account_without_a_member_cannot_register(self):
        client = Client()
        client.force_login(people.user())
        assert client.get(CHALLENGE).json()["error"]["code"] == "not-a-member"

    def test_without_a_csrf_token_nothing_is_registered(self):
        member = people.member()
        client = Client(enforce_csrf_checks=True)
        client.force_login(member.user)
        assert register(client, Phone(member)).status_code == 403
        assert not Device.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"proof": "00" * 64},
            {"proof": "zz"},
            {"proof": None},
            {"public_key": "00"},
            {"public_key": "x" * 64},
            {"challenge": "made up"},
        ],
    )
    def test_a_wrong_proof_is_refused(self, changes):
        member = people.member()
        response = register(signed_in(member), Phone(member), **changes)
        assert response.json()["error"]["code"] == "device-proof-invalid"

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b"x" * 10_000])
    def test_a_body_that_is_no_object_is_refused(self, body):
        client = signed_in(people.member())
        response = client.post(DEVICES, data=body, content_type="application/json")
        assert response.json()["error"]["code"] == "device-proof-invalid"

    def test_a_challenge_of_another_member_is_refused(self):
        one, other = people.member(), people.member()
        challenge = signed_in(other).get(CHALLENGE).json()["challenge"]
        response = register(signed_in(one), Phone(one), challenge=challenge)
        assert response.json()["error"]["code"] == "device-proof-invalid"

    def test_an_old_challenge_is_refused(self, monkeypatch):
        member = people.member()
        monkeypatch.setattr(api, "CHALLENGE_SECONDS", -1)
        assert register(signed_in(member), Phone(member)).json()["error"]["code"] == "device-proof-invalid"

    def test_another_members_key_and_a_revoked_one_are_refused(self):
        member = people.member()
        phone = Phone(member).register()
        other = people.member()
        assert register(signed_in(other), phone).json()["error"]["code"] == "device-of-another"
        Device.objects.update(revoked_at=people.NOON)
        assert register(signed_in(member), phone).json()["error"]["code"] == "device-of-another"


def test_a_phone_that_proves_its_key_is_registered_once():
    member = people.member()
    phone, client = Phone(member), signed_in(member)
    first, again = register(client, phone).json(), register(client, phone).json()
    assert first == again
    assert first["member_pseudonym"] == str(member.member_id)
    assert str(Device.objects.get().device_id) == first["device_id"]


def test_the_challenge_of_the_session_serves_a_phone_that_does_not_repeat_it():
    member = people.member()
    client, phone = signed_in(member), Phone(member)
    challenge = client.get(CHALLENGE).json()["challenge"]
    body = {"public_key": phone.public_key, "proof": phone.key.sign(protocol.device_proof_message(challenge)).hex()}
    assert client.post(DEVICES, data=json.dumps(body), content_type="application/json").status_code == 200


class TestRevoking:
    def test_only_those_who_answer_for_the_branch_may_revoke(self):
        member = people.member()
        device = Device.objects.get(device_id=Phone(member).register().device_id)
        elsewhere = people.secretary(people.organisation())
        for stranger in (elsewhere, member.user, people.user()):
            with pytest.raises(NotAllowedToRevoke):
                services.revoke_device(device=device, by=stranger, at=people.NOON)
        assert device.revoked_at is None
        services.revoke_device(device=device, by=people.secretary(member.branch), at=people.NOON)
        assert device.revoked_at == people.NOON

    def test_revoking_twice_keeps_the_first_date_and_name(self):
        member = people.member()
        device = Device.objects.get(device_id=Phone(member).register().device_id)
        secretary = people.secretary(member.branch)
        services.revoke_device(device=device, by=secretary, at=people.NOON)
        services.revoke_device(device=device, by=people.user(is_superuser=True), at=people.NOON.replace(year=2027))
        assert (device.revoked_at, device.revoked_by) == (people.NOON, secretary)

    def test_the_secretary_sees_the_own_branchs_phones_and_revokes_one_without_javascript(self):
        mine, other = people.member(name="才让"), people.member(name="旺堆")
        phone, foreign = Phone(mine).register(), Phone(other).register()
        client = Client()
        client.force_login(people.secretary(mine.branch))
        page = client.get("/devices/").content.decode()
        assert "才让" in page
        assert "旺堆" not in page
        assert client.post(f"/devices/{phone.device_id}/revoke/").status_code == 302
        assert Device.objects.get(device_id=phone.device_id).revoked_at is not None
        assert "停用" in client.get("/devices/").content.decode()
        assert client.post(f"/devices/{foreign.device_id}/revoke/").status_code == 403

    def test_a_province_administrator_reaches_every_branch_below(self):
        tree = people.tree()
        member = people.member(branch=tree["branch"])
        phone = Phone(member).register()
        administrator = people.user(password="a-long-enough-password")
        role = RoleAssignment.Role.PROVINCE_ADMINISTRATOR
        assign_role(user=administrator, role=role, organisation=tree["province"])
        client = Client()
        client.force_login(administrator)
        assert str(phone.device_id) in client.get("/devices/").content.decode()

    def test_a_member_and_a_stranger_are_kept_out(self):
        member = people.member()
        phone = Phone(member).register()
        for client in (signed_in(member), Client()):
            assert client.get("/devices/").status_code in (302, 401, 403)
            assert client.post(f"/devices/{phone.device_id}/revoke/").status_code in (302, 401, 403)
        assert Device.objects.get().revoked_at is None

    def test_an_unknown_phone_is_said_to_be_unknown(self):
        client = Client()
        client.force_login(people.secretary(people.organisation()))
        assert client.post("/devices/00000000-0000-0000-0000-000000000000/revoke/").status_code == 404


def test_no_name_reaches_the_device():
    """What the answer holds is pseudonymous (offline.md §5)."""
    member = people.member(name="格日措")
    response = register(signed_in(member), Phone(member))
    assert "格日措" not in response.content.decode()
    assert Ed25519PrivateKey.generate()
