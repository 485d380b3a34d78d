"""Wagtail's admin search finds Chinese, Tibetan and Mongolian, drafts included; the same on both databases."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from cms.core.models import PlatformDocument
from search import wagtail_backend
from tests.factories import cms as make
from tests.integration.search.hostile import HOSTILE

pytestmark = pytest.mark.django_db


def indexed() -> None:
    """What a worker does after each change, done here at once."""
    call_command("update_index", verbosity=0)


def titles(text: str) -> set[str]:
    return {page.title for page in get_search_backend().search(text, Page.objects.all())}


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("青海省乡村振兴实践", "振兴"),
        ("青海省乡村振兴实践", "青海 实践"),
        ("青海省鄉村振興實踐", "乡村振兴"),
        ("青海省乡村振兴实践", "興"),
        ("བོད་ཡིག་སློབ་ཚན", "སློབ་ཚན"),
        ("བོད་ཡིག་སློབ་ཚན", "ཡིག"),
        ("ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ", "ᠬᠡᠯᠡ"),
        ("Монгол хэл 2026", "ХЭЛ"),
        ("Монгол хэл 2026", "2026"),
    ],
)
def test_a_word_anywhere_in_a_drafts_title_finds_the_page(title: str, typed: str) -> None:
    make.make_lesson(title=title)
    make.make_lesson(title="别的")
    indexed()
    assert titles(typed) == {title}
    assert {p.title for p in get_search_backend().autocomplete(typed, Page.objects.all())} == {title}


def test_tibetan_vowels_and_neighbouring_characters_are_told_apart() -> None:
    make.make_lesson(title="ལི་ལུ")
    make.make_lesson(title="振作兴起")
    indexed()
    assert titles("ལོ") == set()
    assert titles("振兴") == set()


def test_a_beginning_completes_a_word_in_a_chooser() -> None:
    make.make_lesson(title="elasticsearch 入门")
    indexed()
    assert {p.title for p in get_search_backend().autocomplete("elas", Page.objects.all())} == {"elasticsearch 入门"}


def test_renaming_and_deleting_are_followed() -> None:
    lesson = make.make_lesson(title="接羔保育")
    indexed()
    lesson.title = "草原防火"
    lesson.save()
    indexed()
    assert titles("接羔") == set()
    assert titles("防火") == {"草原防火"}
    lesson.delete()
    assert titles("防火") == set()


def test_documents_are_found_by_their_titles() -> None:
    make.make_document(b"WEBVTT", title="冬春训名册")
    indexed()
    found = get_search_backend().search("春训", PlatformDocument.objects.all())
    assert [each.title for each in found] == ["冬春训名册"]


def test_nothing_that_is_typed_raises() -> None:
    make.make_lesson(title="羊")
    indexed()
    for typed in HOSTILE[::8]:  # What has a letter or a digit may find a page that has it too.
        for find in (get_search_backend().search, get_search_backend().autocomplete):
            found = list(find(typed, Page.objects.all()))
            assert found == [] or any(character.isalnum() for character in typed)
    assert wagtail_backend.asked("\x00 \"'") == wagtail_backend.asked("")


def test_an_editor_finds_his_draft_in_the_explorers_search(client: Client) -> None:
    editor = make.make_editor()
    make.make_lesson(title="青海省乡村振兴实践", author=editor)
    indexed()
    client.force_login(editor)
    for address in ("/admin/pages/search/", "/admin/choose-page/search/"):
        assert "乡村振兴实践" in client.get(address, {"q": "振兴"}).content.decode(), address
