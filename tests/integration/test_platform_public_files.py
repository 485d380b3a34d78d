"""Objects, signed metadata and static files come from the event loop, and nothing else does."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.services.web_server import WebServer

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OBJECT = f"/b/{SHA256[:2]}/{SHA256}"


@pytest.fixture
def tree(web_server: WebServer, settings: Settings) -> Path:
    root = Path(settings.PUBLIC_TREE_DIR)
    for name, content in {
        f"b/{SHA256[:2]}/{SHA256}": CONTENT,
        "tuf/metadata/timestamp.json": b"{}",
        "tuf/metadata/7.snapshot.json": b"{}",
        "tuf/metadata/.draft.json": b"secret",
        f"pkg/qumalai/{SHA256}.0198c0de.json": b"{}",
        "notes.txt": b"not public",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root.parent / "keys.txt").write_bytes(b"secret")
    return root


@pytest.mark.usefixtures("tree")
class TestPublicTree:
    def test_a_whole_object_is_cacheable_for_ever(self, web_server: WebServer) -> None:
        answer = web_server.get(OBJECT)
        assert (answer.status, answer.body) == (200, CONTENT)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["etag"] == f'"{SHA256}"'
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(
        ("asked", "first", "last"), [("bytes=0-0", 0, 0), ("bytes=100-299", 100, 299), ("bytes=-50", -50, None)]
    )
    def test_a_range_gives_just_those_bytes(
        self, web_server: WebServer, asked: str, first: int, last: int | None
    ) -> None:
        answer = web_server.get(OBJECT, range=asked)
        assert answer.status == 206
        assert answer.body == (CONTENT[first:] if last is None else CONTENT[first : last + 1])

    def test_a_range_past_the_end_is_refused(self, web_server: WebServer) -> None:
        assert web_server.get(OBJECT, range=f"bytes={len(CONTENT)}-").status == 416

    def test_a_known_object_is_not_sent_again(self, web_server: WebServer) -> None:
        answer = web_server.get(OBJECT, if_none_match=f'"{SHA256}"')
        assert (answer.status, answer.body) == (304, b"")

    def test_a_listed_type_may_be_asked_for(self, web_server: WebServer) -> None:
        assert web_server.get(f"{OBJECT}?type=video%2Fmp4").headers["content-type"] == "video/mp4"

    @pytest.mark.parametrize("type_", ["text/html", "image/svg+xml", "text/javascript", "application/xhtml+xml", "%ff"])
    def test_a_type_that_a_browser_would_run_is_not_served(self, web_server: WebServer, type_: str) -> None:
        answer = web_server.get(f"{OBJECT}?type={type_}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in answer.headers["content-security-policy"]

    def test_the_timestamp_is_asked_for_each_time_and_versions_never_again(self, web_server: WebServer) -> None:
        assert web_server.get("/tuf/metadata/timestamp.json").headers["cache-control"] == "public, no-cache"
        assert "immutable" in web_server.get("/tuf/metadata/7.snapshot.json").headers["cache-control"]
        assert "immutable" in web_server.get(f"/pkg/qumalai/{SHA256}.0198c0de.json").headers["cache-control"]

    @pytest.mark.parametrize(
        "path",
        [
            "/b/../notes.txt",
            "/b/%2e%2e/notes.txt",
            "/tuf/../../keys.txt",
            "/tuf/%2e%2e/%2e%2e/keys.txt",
            "/tuf//etc/passwd",
            "/tuf/metadata/.draft.json",
            "/tuf/metadata/",
            "/tuf/metadata",
            "/pkg/..%2f..%2fkeys.txt",
            f"/b/00/{SHA256}",
            f"/b/{SHA256[:2]}/{SHA256.upper()}",
            f"/b/{SHA256[:2]}/{SHA256}\n",
            "/b/",
        ],
    )
    def test_no_path_leads_out_of_the_tree(self, web_server: WebServer, path: str) -> None:
        answer = web_server.get(path.replace("\n", "%0a"))
        assert answer.status == 404
        assert b"secret" not in answer.body
        assert b"not public" not in answer.body
        assert answer.headers["cache-control"] == "no-store"

    def test_nothing_can_be_written(self, web_server: WebServer) -> None:
        for method in ("POST", "PUT", "DELETE"):
            assert web_server.request(method, OBJECT).status == 405

    def test_another_site_may_ask_for_ranges(self, web_server: WebServer) -> None:
        answer = web_server.request("OPTIONS", OBJECT, {"Origin": "http://hub.local"})
        assert answer.status == 204
        assert "Range" in answer.headers["access-control-allow-headers"]


def test_static_files_are_found_and_never_outside_their_folder(web_server: WebServer) -> None:
    assert web_server.get("/static/wagtailadmin/css/core.css").status == 200
    assert web_server.get("/static/../config/settings/base.py").status == 404
    assert web_server.get("/static/%2e%2e/%2e%2e/manage.py").status == 404
    assert web_server.get("/static/").status == 404
