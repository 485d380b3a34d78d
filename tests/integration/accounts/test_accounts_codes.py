"""Printed codes open and recover accounts: once, in time, the newest only."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.errors import (
    CardAlreadyMade,
    CodeExpired,
    CodeForStaff,
    CodeUnknown,
    CodeUnreadable,
    CodeUsed,
    CodeWithdrawn,
    PersonError,
)
from accounts.models import ActivationCode
from accounts.services import find_code, issue_code, open_account, use_code
from tests.factories.people import member, secretary, user

pytestmark = pytest.mark.django_db


def issued(owner=None) -> str:
    return issue_code(user=owner or open_account(name="扎西"), created_by=user()).printed


def test_only_a_keyed_digest_is_stored() -> None:
    code = issued()
    stored = ActivationCode.objects.get()
    assert code.replace("-", "") not in str(vars(stored))
    assert len(stored.digest) == 64


@pytest.mark.parametrize("typed", ["", "no", "0000-0000-0000-0001"])
def test_a_slip_of_the_finger_is_told_from_an_unknown_code(typed: str) -> None:
    with pytest.raises(CodeUnreadable):
        find_code(typed)


def test_a_code_that_was_never_printed_is_unknown() -> None:
    with pytest.raises(CodeUnknown):
        find_code("0000-0000-0000-0000")


def test_a_code_works_once() -> None:
    code = issued()
    use_code(code.lower())
    with pytest.raises(CodeUsed):
        use_code(code)


def test_looking_at_a_code_does_not_use_it() -> None:
    code = issued()
    for _ in range(3):
        find_code(code)
    use_code(code)


def test_a_code_expires_after_thirty_days() -> None:
    code = issued()
    ActivationCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CodeExpired):
        use_code(code)


def test_printing_a_new_card_withdraws_the_old_one() -> None:
    owner = open_account(name="扎西")
    old, new = issued(owner), issued(owner)
    with pytest.raises(CodeWithdrawn):
        use_code(old)
    assert use_code(new) == owner


def test_reloading_the_print_page_leaves_the_printed_card_valid() -> None:
    owner, printer, request = open_account(name="扎西"), user(), uuid.uuid4()
    card = issue_code(user=owner, created_by=printer, request_id=request)
    with pytest.raises(CardAlreadyMade):
        issue_code(user=owner, created_by=printer, request_id=request)
    assert use_code(card.printed) == owner


def test_an_account_with_a_password_gets_no_code() -> None:
    with pytest.raises(CodeForStaff):
        issue_code(user=user(password="a-long-enough-password"), created_by=user())


def test_a_deactivated_account_cannot_be_entered() -> None:
    owner = open_account(name="扎西")
    code = issued(owner)
    owner.is_active = False
    owner.save()
    with pytest.raises(CodeUnknown):
        use_code(code)


def test_a_new_code_ends_the_sessions_of_older_phones() -> None:
    person = member(signed_in=False)
    old_phone, new_phone = Client(), Client()
    old_phone.post("/join/", {"code": issued(person.user)})
    assert "卓玛" in old_phone.get("/me/").content.decode()
    new_phone.post("/join/", {"code": issued(person.user)})
    assert "卓玛" in new_phone.get("/me/").content.decode()
    assert "卓玛" not in old_phone.get("/me/").content.decode()


def test_a_members_session_lasts_through_a_winter_without_network() -> None:
    phone = Client()
    response = phone.post("/join/", {"code": issued(member().user)})
    assert response.status_code == 302
    assert int(phone.cookies["sessionid"]["max-age"]) == 400 * 24 * 60 * 60


def test_opening_the_qr_address_shows_a_button_and_burns_nothing() -> None:
    person = member(name="拉毛")
    code, phone = issued(person.user), Client()
    for _ in range(2):
        page = phone.get(f"/join/{code}/")
        assert page.status_code == 200
        assert "拉毛" in page.content.decode()
    assert phone.post(f"/join/{code}/").status_code == 302
    assert "拉毛" in phone.get("/me/").content.decode()
    again = phone.get(f"/join/{code}/")
    assert again.status_code == 409
    assert "重新打印" in again.content.decode()
    assert "print a new one" in again.content.decode()


def test_a_form_from_another_site_is_refused() -> None:
    phone = Client(enforce_csrf_checks=True)
    assert phone.post("/join/", {"code": issued()}).status_code == 403


def test_guessing_codes_locks_the_address_for_a_while() -> None:
    phone = Client()
    statuses = [phone.post("/join/", {"code": "0000-0000-0000-0000"}).status_code for _ in range(101)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


@pytest.mark.django_db(transaction=True)
def test_of_many_uses_at_once_exactly_one_wins() -> None:
    code = issued()
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            use_code(code)
            outcomes.append("won")
        except PersonError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["code-used"] * 5 + ["won"]


def test_a_secretary_is_no_exception_to_codes_for_members_only() -> None:
    with pytest.raises(CodeForStaff):
        issue_code(user=secretary(member().branch), created_by=user())
