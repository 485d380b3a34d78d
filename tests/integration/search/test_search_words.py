"""Editors' synonyms and stop terms, what was not found, saved searches, related material, copying a case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client

from cms.core.bootstrap import EDITORS
from cms.lessons.models import Case
from search.missed.models import MissedQuery
from search.missed.rules import keepable
from search.missed.services import note
from search.query import parse
from search.saved.models import SavedSearch
from search.selectors import search_materials
from search.synonyms.models import SearchWords
from search.synonyms.rules import expand, vocabulary
from tests.factories import cms as make

# A replica takes nothing over inside a transaction, and these tests stay inside one.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def exact(text: str) -> set[str]:
    found = search_materials(text)
    return set() if found.relaxed else {each.title for each in found.results}


def test_a_synonym_works_with_the_next_search_both_ways_and_inside_a_longer_word() -> None:
    make.make_teacher(name="原子城二二一厂")
    make.make_teacher(name="原子城讲解")
    assert exact("221厂旧址") == set()
    row = SearchWords.objects.create(kind="synonyms", words="221厂、二二一厂，原子城")
    assert exact("221厂") == {"原子城二二一厂", "原子城讲解"}
    assert exact("原子城讲解") == {"原子城讲解"}
    assert exact("221厂讲解") == {"原子城讲解"}
    row.delete()
    assert exact("221厂") == set()


def test_a_stop_term_does_not_count_unless_it_is_all_there_is() -> None:
    make.make_teacher(name="接羔能手")
    SearchWords.objects.create(kind="stop", words="请问 的课")
    assert exact("请问 接羔") == {"接羔能手"}
    assert exact("接羔的课") == {"接羔能手"}
    assert exact("请问") == set()


def test_the_table_is_read_as_it_is_written() -> None:
    known = vocabulary([("synonyms", "羊、ＹＡＮＧ"), ("synonyms", "alone"), ("stop", "、 ，")])
    assert known.groups == (("羊", "yang"),)
    assert known.stops == frozenset()
    (part,) = expand(parse("shanyang"), known).parts
    assert part.alternatives == ()
    many = vocabulary([("synonyms", " ".join(f"词{n}" for n in range(12)))])
    assert len(expand(parse("词1"), many).parts[0].alternatives) == 6


@pytest.mark.parametrize(("kind", "words"), [("synonyms", "一个"), ("stop", "，"), ("stop", "词 " * 20)])
def test_a_line_that_makes_no_sense_is_refused(kind: str, words: str) -> None:
    words = " ".join(f"{each}{n}" for n, each in enumerate(words.split())) if "词" in words else words
    with pytest.raises(ValidationError):
        SearchWords(kind=kind, words=words).full_clean()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("量子糾纏", "量子纠缠"),
        (" ＡＢ  2026 ", "ab 2026"),
        ("13909710000", ""),
        ("139 0971 0000 张三", ""),
        ("63212319800101123X", ""),
        ("幺三九零九七幺", ""),
        ("a@b.cn", ""),
        ("长" * 61, ""),
        ("\x00", ""),
    ],
)
def test_words_are_kept_and_what_may_tell_a_person_is_not(typed: str, kept: str) -> None:
    assert keepable(typed) == kept


def test_what_was_not_found_is_counted_by_the_day_and_forgotten_after_a_year() -> None:
    visitor = Client()
    for _time in range(2):
        visitor.get("/search/", {"q": "量子纠缠"})
    visitor.get("/api/v1/search", {"q": "量子糾纏"})
    visitor.get("/search/", {"q": "13909710000"})
    (row,) = MissedQuery.objects.all()
    assert (row.text, row.count) == ("量子纠缠", 3)
    assert {field.name for field in MissedQuery._meta.fields} == {"id", "text", "day", "count"}
    note("别的", row.day + timedelta(days=366))
    assert MissedQuery.objects.get().text == "别的"


def test_what_is_found_is_not_counted() -> None:
    make.make_teacher(name="接羔能手")
    Client().get("/search/", {"q": "接羔"})
    Client().get("/search/", {"q": "接羔", "kind": "lesson"})
    assert not MissedQuery.objects.exists()


def test_a_search_is_kept_shown_and_forgotten_by_its_owner_only(client: Client) -> None:
    make.make_teacher(name="接羔能手")
    owner, other = make.make_editor(), make.make_editor()
    client.force_login(owner)
    assert "保存这个搜索" in client.get("/search/", {"q": "接羔"}).content.decode()
    kept = client.post("/search/saved/", {"q": "接羔", "kind": "teacher", "name": "老师"})
    assert kept["Location"].endswith("kind=teacher")
    client.post("/search/saved/", {"q": "接羔 冬天", "name": "老师"})
    row = SavedSearch.objects.get()
    assert (row.query, row.filters) == ("接羔 冬天", {})
    assert "老师" in client.get("/search/").content.decode()
    assert "老师" in client.get("/admin/savedsearch/").content.decode()
    client.force_login(other)
    client.post(f"/search/saved/{row.pk}/forget/")
    assert client.get(f"/admin/savedsearch/edit/{row.pk}/").status_code == 404
    assert SavedSearch.objects.exists()
    client.force_login(owner)
    client.post(f"/search/saved/{row.pk}/forget/")
    assert not SavedSearch.objects.exists()
    assert Client().post("/search/saved/", {"q": "接羔"}).status_code == 401


def test_editors_may_change_words_and_only_read_what_was_not_found(client: Client) -> None:
    editor = make.make_editor()
    assert set(
        Permission.objects.filter(group__name=EDITORS, content_type__app_label="search").values_list(
            "codename", flat=True
        )
    ) == {f"{a}_searchwords" for a in ("add", "change", "delete", "view")} | {"view_missedquery"} | {
        f"{a}_savedsearch" for a in ("change", "delete", "view")
    }
    MissedQuery.objects.create(text="量子", day=date(2026, 11, 1))
    client.force_login(editor)
    assert "量子" in client.get("/admin/missedquery/").content.decode()
    assert client.get("/admin/snippets/search/searchwords/add/").status_code == 200


def test_related_material_shares_words_with_the_title_and_leaves_out_what_is_not_public() -> None:
    lesson = make.make_lesson(title="冬季接羔保育技术", published=True)
    make.make_site(title="接羔点旧址")
    make.make_site(title="纪念馆")
    make.make_lesson(title="接羔草稿")
    visitor = Client()
    response = visitor.get(f"/search/related/{lesson.translation_key}/")
    assert [each["title"] for each in response.context["results"]] == ["接羔点旧址"]
    assert f"/search/related/{lesson.translation_key}/" in visitor.get(lesson.url).content.decode()
    draft = make.make_lesson(title="草稿")
    assert visitor.get(f"/search/related/{draft.translation_key}/").status_code == 404


def test_a_case_is_copied_from_a_hit_as_a_draft_with_its_tracks(client: Client) -> None:
    vtt = b"WEBVTT\n\n00:00.000 --> 00:02.000\nhello\n"
    case = make.make_lesson(title="接羔案例", model=Case, subtitles={"zh-hans": vtt}, published=True)
    unit = make.make_unit(published=False)
    editor = make.make_editor()
    client.force_login(editor)
    page = client.get("/search/", {"q": "接羔"}).content.decode()
    address = f"/search/copy/{case.translation_key}/"
    assert address in page
    form = client.get(address, follow=True)
    assert form.status_code == 200
    copying = {"new_title": "我的接羔案例", "new_slug": "my-case", "new_parent_page": unit.pk}
    client.post(form.redirect_chain[-1][0], copying)
    copy = Case.objects.get(slug="my-case")
    assert (copy.live, copy.get_parent().pk) == (False, unit.pk)
    assert copy.get_latest_revision_as_object().tracks.count() == 1
    assert Client().get(address).status_code == 401
    assert "复制案例材料" not in Client().get("/search/", {"q": "接羔"}).content.decode()
