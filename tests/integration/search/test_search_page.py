"""The page 找: whatever is typed gives a page, and nothing typed or stored becomes markup."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from search.services import index_material
from tests.factories import cms as make
from tests.integration.search.test_search_publishing import VTT

# A replica takes nothing over inside a transaction, and these tests stay inside one.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
MOST_QUERIES = 8


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def test_without_a_query_the_page_invites_to_search(visitor: Client) -> None:
    response = visitor.get("/search/")
    assert response.status_code == 200
    assert 'name="q"' in response.content.decode()


def test_a_hit_shows_the_title_the_kind_and_the_second(visitor: Client) -> None:
    make.make_lesson(title="牧区实用技术", summary="冬天用得上", subtitles={"zh-hans": VTT}, published=True)
    page = visitor.get("/search/", {"q": "先暖后喂"}).content.decode()
    assert "牧区实用技术" in page
    assert "视频课" in page
    assert "?t=751" in page
    assert "12:31" in page
    assert "<mark>先暖后喂</mark>" in page


def test_a_tibetan_reader_is_led_to_tibetan_pages(visitor: Client) -> None:
    make.make_lesson(title="牧区实用技术", subtitles={"zh-hans": VTT}, published=True)
    response = visitor.get("/bo/search/", {"q": "先暖后喂"})
    (result,) = response.context["results"]
    assert result["url"].startswith("/bo/courses/")
    assert result["segments"][0]["url"].startswith("/bo/courses/")


def test_a_page_of_hits_costs_no_more_than_eight_queries(visitor: Client, django_assert_max_num_queries: Any) -> None:
    unit = make.make_unit()
    author, reviewers = make.make_editor(), make.make_reviewers()
    for number in range(12):
        make.make_lesson(
            unit,
            title=f"接羔第{number}讲",
            subtitles={"zh-hans": VTT},
            published=True,
            author=author,
            reviewers=reviewers,
        )
    make.make_teacher(introduction="讲接羔")
    make.make_site(summary="接羔节")
    visitor.get("/search/", {"q": "接羔"})
    with django_assert_max_num_queries(MOST_QUERIES):
        response = visitor.get("/search/", {"q": "接羔"})
    assert response.context["total"] == 14
    with django_assert_max_num_queries(MOST_QUERIES + 1):  # It looks for all of the words first.
        assert visitor.get("/search/", {"q": "怎样给母羊接羔最好"}).context["relaxed"]
    second = visitor.get("/search/", {"q": "接羔", "page": 2})
    assert len(second.context["results"]) == 4
    assert second.context["turn"] == {"previous": "?q=%E6%8E%A5%E7%BE%94"}
    assert response.context["turn"]["next"].endswith("&page=2")


def test_without_a_full_match_partial_ones_are_shown_and_said_to_be_so(visitor: Client) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    response = visitor.get("/search/", {"q": "夏天怎么接羔"})
    assert response.context["relaxed"]
    assert [result["title"] for result in response.context["results"]] == ["冬季接羔保育"]


def test_a_single_word_that_stands_nowhere_is_spoken_of_as_one(visitor: Client) -> None:
    make.make_lesson(title="母羊接羔", published=True)
    page = visitor.get("/search/", {"q": "羊羔"}).content.decode()
    assert "没有“羊羔”这个词，下面的含有其中的字" in page
    assert "同时" not in page


def test_what_there_is_to_learn_of_a_subject_stands_before_who_teaches_it_but_a_name_leads_to_the_person(
    visitor: Client,
) -> None:
    make.make_teacher(name="才仁（示例）", introduction="讲接羔，接羔，还是接羔")
    make.make_teacher(name="接羔技术能手", introduction="二十年")
    make.make_lesson(title="牧业技术", summary="接羔、防火、打草、储料和转场路上要留心的事", published=True)
    make.make_lesson(title="一堂课", summary="才仁讲的", published=True)
    titles = [each["title"] for each in visitor.get("/search/", {"q": "接羔"}).context["results"]]
    assert titles[0] == "牧业技术"
    assert set(titles[1:]) == {"才仁（示例）", "接羔技术能手"}
    assert visitor.get("/search/", {"q": "才仁"}).context["results"][0]["title"] == "才仁（示例）"


def test_nothing_found_says_so(visitor: Client) -> None:
    response = visitor.get("/search/", {"q": "量子纠缠"})
    assert response.status_code == 200
    assert response.context["total"] == 0


@pytest.mark.parametrize("page", ["0", "-1", "99999999", "²", "x", "", "1e3", "٣"])
def test_an_odd_page_number_is_a_page(visitor: Client, page: str) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    response = visitor.get("/search/", {"q": "接羔", "page": page})
    assert response.status_code == 200
    assert response.context["page"] == 1


def test_only_reading_is_allowed(visitor: Client) -> None:
    assert visitor.post("/search/", {"q": "羊"}).status_code in (403, 405)


def test_a_title_that_looks_like_markup_is_text(visitor: Client) -> None:
    make.make_lesson(
        title="<script>alert(1)</script>羊羔", summary='"><img src=x onerror=alert(1)>羊羔', published=True
    )
    page = visitor.get("/search/", {"q": "羊羔"}).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_registered_sources_know_every_kind_they_make() -> None:
    from search.registry import kind_label, source_of

    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    source = source_of(type(lesson))
    assert source is not None
    (document,) = index_material(source, lesson.translation_key)
    assert kind_label(document.kind) == "视频课"
    assert kind_label("gone") == "gone"
