"""`/api/v1/search`: the same search for programs, as its OpenAPI document says."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from tests.factories import cms as make
from tests.integration.search.test_search_publishing import VTT

# A replica takes nothing over inside a transaction, and these tests stay inside one.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SEARCH = "/api/v1/search"


@pytest.fixture
def program() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def shelf() -> None:
    make.make_lesson(title="牧区实用技术", subtitles={"zh-hans": VTT}, published=True)
    make.make_site(title="接羔旧址", county="海晏县")


def validated(program: Client, path: str, asked: dict[str, Any], status: int = 200) -> Any:
    """The answer, checked against what the document says of this address and status."""
    description = program.get("/api/v1/openapi.json").json()
    answer = program.get(path, asked)
    assert answer.status_code == status, answer.content
    said = description["paths"][path]["get"]["responses"][str(status)]["content"]["application/json"]["schema"]
    schema = {**said, "components": description["components"]}
    Draft202012Validator(schema).validate(answer.json())
    return answer.json()


def test_the_document_is_openapi_3_1_with_sound_schemas(program: Client) -> None:
    description = program.get("/api/v1/openapi.json").json()
    assert description["openapi"] == "3.1.0"
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path in description["paths"]:
        assert program.get(path, {"q": "羊"}).status_code == 200


def test_answers_are_as_the_document_says(program: Client, shelf: None) -> None:
    found = validated(program, SEARCH, {"q": "接羔"})
    assert found["total"] == 2
    lesson = next(each for each in found["results"] if each["kind"] == "lesson")
    assert lesson["segments"][0]["url"].endswith("?t=0")
    assert {"value": "red_site", "label": "红色资源", "count": 1} in found["facets"]["kind"]
    narrowed = validated(program, SEARCH, {"q": "接羔", "kind": "lesson", "place": "海晏县", "colour": "red"})
    assert narrowed["total"] == 0
    assert narrowed["hidden"] == {"kind": 1, "place": 1}
    assert validated(program, SEARCH, {"q": "接高"})["suggestions"] == ["接羔"]
    assert validated(program, SEARCH, {"q": "接羔", "page": 9})["results"] == []
    assert validated(program, "/api/v1/search/suggestions", {"q": "jg"})["suggestions"] == ["接羔旧址"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "search-query-missing"),
        ({"q": " \u200b "}, "search-query-missing"),
        ({"q": "羊", "page": "0"}, "search-number-invalid"),
        ({"q": "羊", "page": "²"}, "search-number-invalid"),
        ({"q": "羊", "size": "101"}, "search-number-invalid"),
        ({"q": "羊", "page": "11", "size": "100"}, "search-too-deep"),
    ],
)
def test_what_is_asked_wrongly_has_a_stable_code(program: Client, asked: dict[str, str], code: str) -> None:
    assert validated(program, SEARCH, asked, 400)["error"]["code"] == code


def test_writing_is_refused_in_the_same_shape(program: Client) -> None:
    answer = program.post(SEARCH, {"q": "羊"})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "search-only-reading"


def test_an_answer_is_asked_for_again_but_not_sent_twice(program: Client, shelf: None) -> None:
    answer = program.get(SEARCH, {"q": "接羔"})
    assert "no-cache" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]
    again = program.get(SEARCH, {"q": "接羔"}, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
