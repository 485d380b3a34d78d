"""Narrowing on the page 找: counts that help, filters that are told of, languages that are collapsed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Locale

from cms.core.models import SocialField
from cms.lessons.models import Case, Lesson
from search import selectors
from search.backends.base import Hits, Request
from search.engine import current_backend
from search.models import SearchDocument
from tests.factories import cms as make

# A replica takes nothing over inside a transaction, and these tests stay inside one.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def shelf() -> None:
    """A lesson and two cases on one subject, and two places; one case is of the pastures."""
    author, reviewers, unit = make.make_editor(), make.make_reviewers(), make.make_unit()
    given: dict[str, Any] = {"published": True, "author": author, "reviewers": reviewers}
    make.make_lesson(unit, title="接羔第一讲", **given)
    pasture = SocialField.objects.get(name="牧区")
    make.make_lesson(unit, title="接羔案例一", model=Case, fields_of_work=[pasture], **given)
    make.make_lesson(unit, title="接羔案例二", model=Case, **given)
    make.make_site(title="接羔基地旧址", county="海晏县")
    make.make_site(title="旧址", summary="接羔", county="祁连县")


def choices(response: Any, facet: str) -> dict[str, int]:
    views = {view["facet"]: view["choices"] for view in response.context["facets"]}
    return {choice["label"]: choice["count"] for choice in views.get(facet, ())}


def test_facets_name_and_count_what_is_there(visitor: Client, shelf: None) -> None:
    response = visitor.get("/search/", {"q": "接羔"})
    assert choices(response, "kind") == {"视频课": 1, "案例": 2, "红色资源": 2}
    assert choices(response, "place") == {"海晏县": 1, "祁连县": 1}
    assert choices(response, "year") == {}
    page = response.content.decode()
    assert "<details" in page
    assert "kind=case" in page


def test_a_filter_narrows_stays_removable_and_its_own_facet_stays_open(visitor: Client, shelf: None) -> None:
    response = visitor.get("/search/", {"q": "接羔", "kind": "case"})
    assert {each["title"] for each in response.context["results"]} == {"接羔案例一", "接羔案例二"}
    assert choices(response, "kind") == {"视频课": 1, "案例": 2, "红色资源": 2}
    (chosen,) = response.context["chosen"]
    assert chosen["url"] == "?q=%E6%8E%A5%E7%BE%94"
    assert '<input type="hidden" name="kind" value="case">' in response.content.decode()
    both = visitor.get("/search/", {"q": "接羔", "kind": ["case", "lesson"]})
    assert both.context["total"] == 3


def test_at_zero_results_the_page_tells_what_each_filter_hides(visitor: Client, shelf: None) -> None:
    response = visitor.get("/search/", {"q": "接羔", "kind": "lesson", "place": "海晏县"})
    assert response.context["total"] == 0
    hidden = {each["label"]: (each["count"], each["url"]) for each in response.context["hidden"]}
    assert hidden == {
        "视频课": (1, "?q=%E6%8E%A5%E7%BE%94&place=%E6%B5%B7%E6%99%8F%E5%8E%BF"),
        "海晏县": (1, "?q=%E6%8E%A5%E7%BE%94&kind=lesson"),
    }
    assert response.context["found"].hidden_by_all == 5
    assert choices(response, "kind") == {"红色资源": 1, "视频课": 0}


def test_a_word_that_is_nowhere_is_not_blamed_on_the_filters(visitor: Client, shelf: None) -> None:
    response = visitor.get("/search/", {"q": "量子纠缠", "kind": "lesson"})
    assert response.context["hidden"] == []
    assert "被筛选挡住" not in response.content.decode()


def test_a_filtered_page_costs_no_more_than_eight_queries(
    visitor: Client, shelf: None, django_assert_max_num_queries: Any
) -> None:
    visitor.get("/search/", {"q": "接羔"})
    with django_assert_max_num_queries(8):
        assert visitor.get("/search/", {"q": "接羔", "kind": "case"}).context["total"] == 2


@pytest.mark.parametrize(
    "asked",
    [
        "&".join(f"kind=k{n}" for n in range(1000)),
        "&".join(f"colour{n}=red" for n in range(1000)),
        "kind=<script>alert(1)</script>&place=\"'><img src=x>",
        "kind=%00&year=%ff&level=%ed%a0%80",
        "field=" + "长" * 5000,
    ],
)
def test_facet_bombs_give_pages(visitor: Client, shelf: None, asked: str) -> None:
    response = visitor.get(f"/search/?q=%E6%8E%A5%E7%BE%94&{asked}")
    assert response.status_code in (200, 400)
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_versions_are_collapsed_with_the_readers_own_language_first(visitor: Client) -> None:
    lesson = make.make_lesson(title="接羔 lamb", published=True)
    draft = lesson.get_parent().add_child(
        instance=Lesson(
            title="ལུ་གུ་ lamb",
            slug="tibetan",
            video=lesson.video,
            live=False,
            locale=Locale.objects.get_or_create(language_code="bo")[0],
            translation_key=lesson.translation_key,
        )
    )
    draft.save_revision()
    url = make.publish(draft).get_url()
    (chinese,) = visitor.get("/search/", {"q": "lamb"}).context["results"]
    assert (chinese["title"], chinese["lang"]) == ("接羔 lamb", "zh-Hans")
    assert chinese["versions"] == [{"label": "藏语（卫藏）", "url": url}]
    (own,) = visitor.get("/bo/search/", {"q": "lamb"}).context["results"]
    assert (own["title"], own["lang"]) == ("ལུ་གུ་ lamb", "bo")
    assert own["versions"][0]["url"].startswith("/bo/courses/")
    SearchDocument.objects.filter(material_id=lesson.translation_key, language="bo").update(access_tokens=["org-1"])
    (closed,) = visitor.get("/search/", {"q": "lamb"}).context["results"]
    assert closed["versions"] == []


def test_the_page_says_when_another_engine_stands_in(
    visitor: Client, shelf: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = current_backend()

    class StandIn:
        segments = engine.segments

        def search(self, request: Request) -> Hits:
            return replace(engine.search(request), degraded=True)

    assert "备用检索" not in visitor.get("/search/", {"q": "接羔"}).content.decode()
    monkeypatch.setattr(selectors, "current_backend", StandIn)
    response = visitor.get("/search/", {"q": "接羔"})
    assert response.context["total"] == 5
    assert "备用检索" in response.content.decode()
