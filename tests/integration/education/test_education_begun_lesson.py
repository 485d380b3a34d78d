"""今天 offers a member the lesson that was begun last and not finished, and everybody else the newest one."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from cms.lessons.models import Lesson
from education.members.models import PartyMember
from education.records.online import record_on_page
from tests.factories import cms
from tests.factories.people import member

pytestmark = pytest.mark.django_db

FIRST = re.compile(r'data-first="接着学"[^>]*href="([^"]*)".*?<span class="cost">(.*?)</span>', re.S)


@pytest.fixture
def lessons() -> list[Lesson]:
    """Three published lessons, the newest last."""
    unit = cms.make_unit(cms.make_outline(), title="元")
    return [cms.make_lesson(unit, published=True, title=title) for title in ("一", "二", "三")]


@pytest.fixture
def person() -> PartyMember:
    return member()


def learnt(person: PartyMember, lesson: Lesson | uuid.UUID, verb: str, *, minutes_ago: int) -> None:
    key = lesson if isinstance(lesson, uuid.UUID) else lesson.translation_key
    result = {"completion": True} if verb == "completed" else {}
    moment = timezone.now() - timedelta(minutes=minutes_ago)
    record_on_page(member=person, verb=verb, material_id=key, result=result, now=moment)


def first_button(browser: Client) -> tuple[str, str]:
    """Address and second line of the first button."""
    found = FIRST.search(browser.get("/").content.decode())
    assert found
    return found[1], found[2]


def as_member(person: PartyMember) -> Client:
    browser = Client()
    browser.force_login(person.user)
    return browser


def test_the_lesson_begun_last_comes_first_and_the_newest_one_goes_to_the_list(
    person: PartyMember, lessons: list[Lesson]
) -> None:
    learnt(person, lessons[1], "initialized", minutes_ago=30)
    learnt(person, lessons[0], "initialized", minutes_ago=20)
    browser = as_member(person)
    address, words = first_button(browser)
    assert address == lessons[0].get_url()
    assert "接着学" in words
    assert "data-newest" not in browser.get("/").content.decode()


def test_what_was_finished_is_not_offered_again(person: PartyMember, lessons: list[Lesson]) -> None:
    learnt(person, lessons[1], "initialized", minutes_ago=30)
    learnt(person, lessons[0], "initialized", minutes_ago=20)
    learnt(person, lessons[0], "completed", minutes_ago=10)
    assert first_button(as_member(person))[0] == lessons[1].get_url()


def test_a_lesson_that_was_taken_down_is_passed_over(person: PartyMember, lessons: list[Lesson]) -> None:
    learnt(person, lessons[1], "initialized", minutes_ago=30)
    learnt(person, lessons[0], "initialized", minutes_ago=20)
    lessons[0].unpublish()
    assert first_button(as_member(person))[0] == lessons[1].get_url()


def test_who_has_begun_nothing_and_who_is_nobody_gets_the_newest_lesson(
    person: PartyMember, lessons: list[Lesson]
) -> None:
    for browser in (as_member(person), Client()):
        address, words = first_button(browser)
        assert address == lessons[-1].get_url()
        assert "听一课" in words


def test_the_page_of_a_stranger_stays_the_same_for_everybody(lessons: list[Lesson]) -> None:
    """Whoever asks without a session must not make the page one that can't be kept."""
    answer = Client().get("/")
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    assert "private" not in answer.headers.get("Cache-Control", "")
