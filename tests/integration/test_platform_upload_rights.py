"""A large body is taken in from people who may use the admin, and from nobody who only says so."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from config.upload_rights import is_staff_session

pytestmark = pytest.mark.django_db


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"theme=dark; sessionid={client.cookies['sessionid'].value}"


@pytest.fixture
def member() -> User:
    return User.objects.create_user(username="member", password="long enough")


def test_an_editor_may(member: User) -> None:
    member.user_permissions.add(Permission.objects.get(codename="access_admin"))
    assert is_staff_session(cookie_of(member))


def test_a_member_may_not(member: User) -> None:
    assert not is_staff_session(cookie_of(member))


def test_a_person_who_was_shut_out_may_not(member: User) -> None:
    member.user_permissions.add(Permission.objects.get(codename="access_admin"))
    cookie = cookie_of(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert not is_staff_session(cookie)


@pytest.mark.parametrize(
    "cookie",
    ["", "sessionid=", "sessionid=x", "sessionid=" + "a" * 32, 'sessionid="\\000aaaaaaaa"', "\udcff=\x00; ;;="],
)
def test_a_made_up_cookie_is_nobodys(cookie: str) -> None:
    assert not is_staff_session(cookie)
