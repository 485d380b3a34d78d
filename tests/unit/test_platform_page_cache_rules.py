"""Which requests may share a page, and which answers may be kept."""

from __future__ import annotations

import pytest

from config.page_cache.rules import Key, key_of, may_keep
from config.page_cache.store import Store, page


def key(path: str = "/", method: str = "GET", query: bytes = b"", **headers: str) -> Key | None:
    raw = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return key_of(method, "http", path, query, {b"host": b"localhost", **raw})


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=abc"},
        {"cookie": "a=b; sessionid=abc; c=d"},
        {"cookie": "messages=W10"},
        {"authorization": "Basic eDp5"},
        {"range": "bytes=0-1"},
    ],
)
def test_a_request_that_may_be_personal_has_no_key(headers: dict[str, str]) -> None:
    assert key(**headers) is None


@pytest.mark.parametrize(
    "path", ["/admin/", "/api/v1/packages/", "/me/", "/bo/me/", "/login/", "/search/", "/bo/search/"]
)
def test_some_addresses_are_always_asked(path: str) -> None:
    assert key(path) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_request_that_changes_something_has_no_key(method: str) -> None:
    assert key(method=method) is None


def test_a_long_query_is_not_kept() -> None:
    assert key(query=b"q=" + b"x" * 200) is None


def test_what_is_not_a_person_s_does_not_separate_readers() -> None:
    assert key() == key(cookie="csrftoken=abc") == key(accept_language="bo") == key(user_agent="old phone")
    assert key() == key(method="HEAD")


def test_address_query_host_and_chosen_language_do() -> None:
    different = {key(), key("/bo/"), key(query=b"page=2"), key(cookie="django_language=bo"), key(host="other")}
    assert len(different) == 5


HTML = (b"Content-Type", b"text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("status", "headers", "kept"),
    [
        (200, [HTML], True),
        (200, [HTML, (b"Vary", b"Accept-Language, Cookie")], True),
        (200, [HTML, (b"Vary", b"*")], False),
        (200, [HTML, (b"Vary", b"User-Agent")], False),
        (200, [HTML, (b"Set-Cookie", b"csrftoken=x")], False),
        (200, [HTML, (b"Cache-Control", b"private, no-cache")], False),
        (200, [HTML, (b"Cache-Control", b"no-store")], False),
        (200, [(b"Content-Type", b"application/octet-stream")], False),
        (404, [HTML], False),
        (302, [HTML], False),
        (500, [HTML], False),
    ],
)
def test_only_a_good_answer_that_is_everybody_s_is_kept(
    status: int, headers: list[tuple[bytes, bytes]], kept: bool
) -> None:
    assert may_keep(status, headers) is kept


def test_the_store_throws_out_what_was_asked_for_least_lately() -> None:
    store = Store(max_bytes=4000)
    keys = [key(f"/{number}/") for number in range(3)]
    for each in keys[:2]:
        store.put(each, page(1, 0.0, [], b"x" * 500))  # type: ignore[arg-type]
    store.get(keys[0])  # type: ignore[arg-type]
    store.put(keys[2], page(1, 0.0, [], b"x" * 500))  # type: ignore[arg-type]
    assert [store.get(each) is not None for each in keys] == [True, False, True]  # type: ignore[arg-type]
