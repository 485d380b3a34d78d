"""Public pages are kept for people without a session, and for nobody else, and never longer than they are true."""

from __future__ import annotations

import gzip

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from wagtail.models import Page, Site

from config.page_cache.models import PageGeneration
from tests.services.web_server import WebServer

PUBLIC = "public, max-age=0, must-revalidate"


@pytest.fixture
def cookie(transactional_db: None) -> str:
    user = get_user_model().objects.create_user("tashi", password="long-enough-word")
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def test_the_second_reader_gets_the_same_bytes(web_server: WebServer) -> None:
    first, second = web_server.get("/"), web_server.get("/")
    assert first.status == 200
    assert first.body == second.body
    assert second.headers["cache-control"] == PUBLIC
    assert second.headers["etag"] == first.headers["etag"]


def test_a_page_that_was_read_before_costs_only_a_line(web_server: WebServer) -> None:
    etag = web_server.get("/").headers["etag"]
    again = web_server.get("/", if_none_match=etag)
    assert (again.status, again.body) == (304, b"")


def test_the_compressed_form_is_kept_beside_the_plain_one(web_server: WebServer) -> None:
    plain, packed = web_server.get("/"), web_server.get("/", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]


def test_head_tells_the_length_and_sends_nothing(web_server: WebServer) -> None:
    answer = web_server.request("HEAD", "/")
    assert answer.body == b""
    assert int(answer.headers["content-length"]) == len(web_server.get("/").body)


def test_what_is_published_changed_and_taken_down_is_seen_at_once(web_server: WebServer) -> None:
    root = Site.objects.get(is_default_site=True).root_page
    page = root.add_child(instance=Page(title="玉树抗震救灾精神", slug="yushu"))
    assert "玉树抗震救灾精神".encode() in web_server.get("/yushu/").body
    page.title = "两弹一星精神"
    page.save()
    assert "两弹一星精神".encode() in web_server.get("/yushu/").body
    page.unpublish()
    assert web_server.get("/yushu/").status == 404


def test_every_change_of_content_makes_pages_stale(web_server: WebServer) -> None:
    Site.objects.get(is_default_site=True).save()
    first = PageGeneration.objects.get(pk=1).number
    Site.objects.get(is_default_site=True).root_page.specific.save()
    assert PageGeneration.objects.get(pk=1).number == first + 1


def test_a_signed_in_person_gets_a_page_of_their_own(web_server: WebServer, cookie: str) -> None:
    web_server.get("/")
    answer = web_server.get("/", cookie=cookie)
    assert answer.status == 200
    assert "private" in answer.headers["cache-control"]


def test_a_form_with_its_token_is_never_shared(web_server: WebServer) -> None:
    first, second = web_server.get("/login/"), web_server.get("/login/")
    assert first.headers["set-cookie"] != second.headers["set-cookie"]
    assert first.headers["cache-control"] != PUBLIC


def test_languages_are_kept_apart(web_server: WebServer) -> None:
    chinese, tibetan = web_server.get("/"), web_server.get("/bo/")
    assert chinese.headers["content-language"] == "zh-hans"
    assert tibetan.headers["content-language"] == "bo"


@pytest.mark.parametrize("path", ["/admin/login/", "/health/", "/health/live/"])
def test_admin_and_health_pass_by_the_cache(web_server: WebServer, path: str) -> None:
    assert web_server.get(path).headers["cache-control"] != PUBLIC


def test_what_is_missing_is_asked_for_again(web_server: WebServer) -> None:
    answer = web_server.get("/no-such-page/")
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"
