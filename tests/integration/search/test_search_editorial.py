"""全文查找 in the admin: what is published and the drafts that the person may open, by every word in them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from search.editorial import PAGE_SIZE, search_with_drafts
from search.engine import current_backend
from search.selectors import search_materials
from tests.factories import cms as make
from tests.integration.search.conftest import entry
from tests.integration.search.hostile import HOSTILE
from tests.integration.search.test_search_publishing import VTT

# A replica takes nothing over inside a transaction, and these tests stay inside one.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ADDRESS = "/admin/materials/search/"


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Any:
    return make.make_editor()


def test_an_editor_finds_what_is_said_in_a_draft_and_opens_it_in_the_editor(editor: Any) -> None:
    lesson = make.make_lesson(title="冬羔第一讲", subtitles={"zh-hans": VTT}, author=editor)
    assert search_materials("接羔").total == 0, "nobody else finds it"
    searched = search_with_drafts("接羔", user=editor)
    (found,) = searched.found.results
    assert found.url == f"/admin/pages/{lesson.pk}/edit/"
    assert searched.drafts == {found.url}
    assert found.segments, "and where in the lecture it is said"
    page = signed_in(editor).get(ADDRESS, {"q": "接羔"}).content.decode()
    assert f'href="/admin/pages/{lesson.pk}/edit/"' in page
    assert "草稿" in page
    assert "<mark>接羔</mark>" in page


def test_a_published_lesson_with_a_newer_draft_is_two_results(editor: Any) -> None:
    lesson = make.make_lesson(title="接羔第一讲", author=editor, published=True)
    lesson.title = "接羔第一讲（新）"
    lesson.save_revision(user=editor)
    searched = search_with_drafts("接羔", user=editor)
    assert {(each.title, each.url in searched.drafts) for each in searched.found.results} == {
        ("接羔第一讲", False),
        ("接羔第一讲（新）", True),
    }


def test_who_may_not_open_a_draft_does_not_find_it(editor: Any) -> None:
    make.make_lesson(title="接羔第一讲", author=editor)
    stranger = make.make_user()
    stranger.user_permissions.add(Permission.objects.get(codename="access_admin"))
    assert search_with_drafts("接羔", user=stranger).found.total == 0
    assert "接羔第一讲" not in signed_in(stranger).get(ADDRESS, {"q": "接羔"}).content.decode()


def test_the_page_belongs_to_the_admin(editor: Any) -> None:
    assert Client().get(ADDRESS).status_code == 302
    assert signed_in(make.make_user()).get(ADDRESS).status_code in (302, 403)
    assert "全文查找" in signed_in(editor).get("/admin/pages/search/", {"q": "羊"}).content.decode()


def test_pages_turn_and_an_odd_number_is_the_first(editor: Any) -> None:
    for number in range(PAGE_SIZE + 1):
        make.make_site(title=f"接羔旧址{number}")
    client = signed_in(editor)
    assert client.get(ADDRESS, {"q": "接羔", "p": "2"}).context["found"].page == 2
    for odd in ("0", "-1", "９", "x", "1e9"):
        assert client.get(ADDRESS, {"q": "接羔", "p": odd}).context["found"].page == 1
    assert client.get(ADDRESS, {"q": "接羔", "p": "99999"}).context["found"].page == 2


def test_whatever_is_typed_is_text(editor: Any) -> None:
    current_backend().put(entry(900_001, "羊羔"))
    client = signed_in(editor)
    for typed in HOSTILE[::12]:
        answer = client.get(ADDRESS, {"q": typed.encode("utf-8", "replace").decode()})
        assert answer.status_code == (400 if "\0" in typed else 200), typed[:80]
        assert "<script>alert" not in answer.content.decode(), typed[:80]
