"""Two hundred phones on a poor line don't keep a page from anybody else (docs/adr/0002-asgi.md)."""

from __future__ import annotations

import hashlib
import os
import resource
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.services.web_server import WebServer

PHONES = 200
OBJECT_BYTES = 8 * 1024 * 1024


@pytest.fixture
def large_object(web_server: WebServer, settings: Settings) -> str:
    content = os.urandom(OBJECT_BYTES)
    sha256 = hashlib.sha256(content).hexdigest()
    path = Path(settings.PUBLIC_TREE_DIR) / "b" / sha256[:2] / sha256
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return f"/b/{sha256[:2]}/{sha256}"


@pytest.fixture(autouse=True)
def many_handles() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_pages_answer_while_two_hundred_phones_download_slowly(web_server: WebServer, large_object: str) -> None:
    web_server.get("/login/")
    memory_before = resident_bytes()
    with ExitStack() as stack:
        for _ in range(PHONES):
            sock = web_server.open_socket(f"GET {large_object} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            stack.enter_context(sock)
            assert sock.recv(64).startswith(b"HTTP/1.1 200")
        threads_while_sending = threading.active_count()
        started = time.monotonic()
        assert web_server.get("/login/").status == 200
        assert web_server.get("/health/live/").status == 200
        assert time.monotonic() - started < 5
        assert threads_while_sending < PHONES
        assert resident_bytes() - memory_before < PHONES * 1024 * 1024


def test_pages_answer_while_two_hundred_phones_upload_slowly(web_server: WebServer) -> None:
    web_server.get("/login/")
    head = b"POST /api/v1/records/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(PHONES):
            stack.enter_context(web_server.open_socket(head + b"x" * 1000))
        time.sleep(0.2)
        threads_while_waiting = threading.active_count()
        assert web_server.get("/login/").status == 200
        assert threads_while_waiting < PHONES
