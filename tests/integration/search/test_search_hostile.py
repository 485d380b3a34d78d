"""Bad input (issue 5): whatever is asked is answered, escaped, by no error of ours.

How long that takes is measured by `make bench-search`, which asks the same.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from search import engine as engines
from search.backends.base import FACETS, MAX_HITS, Request, SearchBackend
from search.backends.elastic import ElasticBackend
from search.entries import entries_of
from search.models import SearchDocument
from search.query import clean, parse
from search.selectors import search_materials
from tests.factories import cms as make
from tests.integration.search.conftest import entry
from tests.integration.search.hostile import BY_KIND, FACET_BOMBS, HOSTILE, ODD_ADDRESSES
from tests.integration.search.test_search_publishing import VTT

PAGE, SUGGESTIONS, API, API_SUGGESTIONS = "/search/", "/search/suggest/", "/api/v1/search", "/api/v1/search/suggestions"
ADDRESSES = (PAGE, SUGGESTIONS, API, API_SUGGESTIONS)
_TAG = re.compile("<[a-z/!]", re.IGNORECASE)
HARMLESS = ("", "羊", "羊羔怎么吃草", "长征经神", "量子纠缠")
"""Between them their pages have every tag that a page of results may have."""

# A replica takes nothing over inside a transaction, and these tests stay inside one.
on_sqlite = pytest.mark.sqlite
kinds = pytest.mark.parametrize("kind", BY_KIND)


def test_more_than_five_hundred_of_the_hostile_queries_differ_to_an_engine() -> None:
    assert len({parse(typed) for typed in HOSTILE}) > 500


class _Markup(HTMLParser):
    """What a browser would make of a page: its tags, and what in them could act."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.acting: list[tuple[str, str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            elsewhere = name in ("href", "src", "action") and not (value or "").startswith(("/", "?", "#"))
            if name.startswith("on") or name in ("srcdoc", "http-equiv", "autofocus", "style") or elsewhere:
                self.acting.append((tag, name, value))


def assert_escaped(page: str, typed: str, harmless: set[str]) -> None:
    """Nothing of what was typed, nor of what it found, has become markup."""
    shown = clean(typed)
    unmarked = page.replace("<mark>", "").replace("</mark>", "")
    assert not (_TAG.search(shown) and shown in unmarked), typed[:80]
    assert "<b>粗" not in page
    markup = _Markup(page)
    assert markup.tags <= harmless, (typed[:80], markup.tags - harmless)
    assert not markup.acting, (typed[:80], markup.acting)


def get(client: Client, address: str, asked: dict[str, Any]) -> HttpResponse:
    """The answer, which is no error of ours."""
    answer: HttpResponse = client.get(address, asked)  # type: ignore[assignment]
    assert answer.status_code in (200, 400), (address, str(asked)[:80])
    return answer


def sendable(typed: str) -> str:
    """What arrives of a text: a lone surrogate has no bytes."""
    return typed.encode("utf-8", "replace").decode()


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def shelf() -> None:
    """A few things to be found, with titles that are no better than the queries."""
    make.make_lesson(title="羊羔 w1 <b>粗</b> 100% {{ 7*7 }}", subtitles={"zh-hans": VTT}, published=True)
    make.make_site(
        title="<script>alert(1)</script>羊圈旧址", summary='"><img src=x onerror=alert(1)>羊', county="海晏县"
    )


@kinds
def test_an_engine_answers(standing_engine: SearchBackend, kind: str) -> None:
    standing_engine.put(entry(1, "羊羔 script alert", said=["羊羔 w1"]))
    for query in dict.fromkeys(map(parse, BY_KIND[kind])):
        hits = standing_engine.search(Request(query, ("public",), count=("kind",)))
        standing_engine.segments(query, [1], relaxed=hits.relaxed)


def test_what_is_hostile_as_a_query_finds_nothing_that_no_token_opens(standing_engine: SearchBackend) -> None:
    standing_engine.put(entry(1, "羊羔", access_tokens=("below-1",)))
    for typed in (*BY_KIND["FTS5 syntax"], *BY_KIND["Lucene syntax and regexps"], *BY_KIND["JSON"]):
        assert 1 not in standing_engine.search(Request(parse(typed), ("public",))).document_ids


@pytest.mark.parametrize("bomb", FACET_BOMBS)
def test_an_engine_answers_endless_filters_with_nothing(standing_engine: SearchBackend, bomb: str) -> None:
    standing_engine.put(entry(1, "羊羔", facets={"kind": ("lesson",)}))
    for typed in ("羊羔", "羊羔怎么吃草"):
        hits = standing_engine.search(Request(parse(typed), ("public",), FACET_BOMBS[bomb], count=FACETS))
        assert hits.document_ids == ()


@on_sqlite
@pytest.mark.django_db
def test_the_page_shows_whatever_is_typed_as_text(visitor: Client, shelf: None) -> None:
    harmless: set[str] = set()
    for typed in HARMLESS:
        harmless |= _Markup(get(visitor, PAGE, {"q": typed}).content.decode()).tags
    for typed in map(sendable, HOSTILE[::2]):
        answer = get(visitor, PAGE, {"q": typed})
        assert answer.status_code == (400 if "\0" in typed else 200), typed[:80]
        assert_escaped(answer.content.decode(), typed, harmless)


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("address", [SUGGESTIONS, API, API_SUGGESTIONS])
def test_whatever_is_typed_is_answered_in_json(visitor: Client, shelf: None, address: str) -> None:
    for typed in map(sendable, HOSTILE[1::2]):
        answer = get(visitor, address, {"q": typed})
        if "\0" in typed:
            assert answer.status_code == 400
        else:
            assert answer["Content-Type"] == "application/json", typed[:80]
            assert json.loads(answer.content)


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("address", [PAGE, API])
def test_whatever_stands_where_a_filter_a_language_or_a_number_should_is_no_error(
    visitor: Client, shelf: None, address: str
) -> None:
    harmless = _Markup(visitor.get(PAGE, {"q": "羊", "kind": ["x", "y"], "place": "x"}).content.decode()).tags
    for typed in map(sendable, HOSTILE[::8]):
        asked = {"q": "羊", "kind": typed, "place": ["x", typed], "prefer": typed, "page": typed}
        answer = get(visitor, address, asked)
        if address == PAGE:
            assert_escaped(answer.content.decode(), typed, harmless)


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("typed", ODD_ADDRESSES, ids=range(len(ODD_ADDRESSES)))
def test_odd_and_endless_addresses_are_answered(visitor: Client, typed: str) -> None:
    encoded = quote(typed, safe="%&=;?[]$.*")
    for address in ADDRESSES:
        assert visitor.get(f"{address}?{encoded}").status_code in (200, 400), address


def test_a_thousand_values_change_nothing_where_there_are_many_hits(engine: SearchBackend) -> None:
    engine.put_all(entry(number, "羊", facets={"kind": ("lesson",)}) for number in range(1, MAX_HITS + 101))
    values = (*FACET_BOMBS["a thousand values"]["kind"], "lesson")
    hits = engine.search(Request(parse("羊"), ("public",), dict.fromkeys(FACETS[1:], values), count=FACETS))
    assert hits.document_ids == ()
    hits = engine.search(Request(parse("羊"), ("public",), {"kind": values}, count=("kind",)))
    assert len(hits.document_ids) == MAX_HITS
    assert hits.facets == {"kind": {"lesson": MAX_HITS + 100}}


DEEP = [(1, 1_001), (2, 501), (11, 100), (100, 11), (101, 10), (1_000, 2), (1_001, 1), (10**6, 10**6), (10**30, 1)]


@on_sqlite
@pytest.mark.django_db
def test_nobody_pages_beyond_a_thousand_hits(visitor: Client) -> None:
    backend = engines.current_backend()
    backend.put_all(entry(number, "羊") for number in range(900_001, 900_001 + MAX_HITS + 100))
    for page, size in DEEP:
        answer = get(visitor, API, {"q": "羊", "page": page, "size": size})
        assert answer.status_code == 400
        assert json.loads(answer.content)["error"]["code"] in ("search-too-deep", "search-number-invalid")
        assert get(visitor, PAGE, {"q": "羊", "page": page, "size": size}).status_code == 200
        found = search_materials("羊", page=page, page_size=size)
        assert found.capped
        assert found.page <= MAX_HITS


@on_sqlite
@pytest.mark.django_db
def test_pages_that_elasticsearch_answers_show_it_as_text_too(
    visitor: Client, shelf: None, elastic: ElasticBackend
) -> None:
    elastic.prepare()
    elastic.clear()
    elastic.put_all(entries_of(SearchDocument.objects.values_list("pk", flat=True)))
    with engines.only(elastic):
        harmless = {tag for typed in HARMLESS for tag in _Markup(visitor.get(PAGE, {"q": typed}).content.decode()).tags}
        for typed in map(sendable, HOSTILE[::40]):
            answer = get(visitor, PAGE, {"q": typed, "kind": ["lesson", typed]})
            assert_escaped(answer.content.decode(), typed, harmless)
            assert json.loads(get(visitor, API, {"q": typed, "place": typed}).content) or "\0" in typed
