"""Every failure answers in Chinese and English, for people as a page and for programs as JSON."""

from __future__ import annotations

import errno

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts.errors import PersonError
from config import errors
from config.errors import PersonErrorMiddleware
from tests.factories import people


class LessonGone(PersonError):
    code = "lesson-gone"
    http_status = 410
    message_zh = "这一课已撤下。"
    message_en = "This lesson was taken down."


def answer(error: Exception, path: str = "/", **headers: str) -> HttpResponse | None:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    request = RequestFactory().get(path, headers=headers)
    return PersonErrorMiddleware(view).process_exception(request, error)


def test_a_program_gets_one_shape_of_json() -> None:
    response = answer(LessonGone(), "/api/v1/packages/")
    assert response is not None
    assert response.status_code == 410
    assert b"lesson-gone" in response.content
    assert response["Cache-Control"] == "no-store"


def test_a_full_disk_is_said_in_words() -> None:
    response = answer(OSError(errno.ENOSPC, "No space left on device"), "/api/v1/records/")
    assert response is not None
    assert response.status_code == 507


def test_what_nobody_foresaw_goes_on_to_the_top() -> None:
    assert answer(ValueError("surprise")) is None


def test_the_page_of_a_broken_server_needs_nothing_that_may_be_broken() -> None:
    response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "您的数据没有丢" in response.content.decode()
    assert "nothing of yours is lost" in response.content.decode()


@pytest.mark.django_db
def test_a_missing_page_says_where_to_go_on() -> None:
    response = Client().get("/no-such-page/")
    assert response.status_code == 404
    assert "没有这个页面" in response.content.decode()
    assert "There is no such page" in response.content.decode()


@pytest.mark.django_db
def test_an_old_form_says_that_nothing_was_sent() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    response = client.post("/login/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "没有提交" in response.content.decode()
    assert "nothing was sent" in response.content.decode()


@pytest.mark.django_db
def test_health_tells_strangers_whether_and_staff_why(django_user_model: type) -> None:
    public = Client().get("/health/?format=json").json()
    assert public["checks"]["database"] == {"ok": True}
    staff = Client()
    staff.force_login(django_user_model.objects.create_user("admin2", is_staff=True))
    seen = staff.get("/health/?format=json").json()
    assert "detail" in seen["checks"]["worker"]
    assert Client().get("/health/").status_code in {200, 503}


@pytest.mark.django_db
def test_a_page_that_is_not_there_and_one_that_is_not_for_this_account_speak_tibetan_to_who_reads_it(
    client: Client,
) -> None:
    page = client.get("/bo/courses/nothing-here/").content.decode()
    assert "ཤོག་ངོས་འདི་མེད།" in page
    assert "没有这个页面" not in page
    client.force_login(people.member().user)
    assert "རྩ་འཛུགས་འདིའི་དོན་ལ" in client.get("/bo/branch/").content.decode()
