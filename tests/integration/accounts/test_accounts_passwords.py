"""How passwords are kept, and that no page pretends to mail a new one."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import Settings

from config.settings import base
from tests.factories.people import user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-password"


def test_argon2_hashes_passwords_and_takes_over_those_that_pbkdf2_hashed(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    person = user()
    person.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    person.save()
    answer = Client().post("/login/", {"username": person.username, "password": PASSWORD})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.password.startswith("argon2$argon2id$")


@pytest.mark.parametrize("path", ["", "done/", "complete/", "confirm/MQ/set-password/"])
def test_no_page_offers_to_mail_a_new_password(path: str) -> None:
    browser = Client()
    assert browser.get(f"/admin/password_reset/{path}").status_code == 404
    assert browser.post(f"/admin/password_reset/{path}", {"email": "a@example.org"}).status_code in {404, 405}
