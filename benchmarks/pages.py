"""What a public page costs: processor time cached and not, queries, bytes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.site import site
from benchmarks.table import Line
from benchmarks.web import Web, web

CACHED_MS, QUERIES, SHOWN_KB, WITH_SCRIPTS_KB = 1.0, 8, 14.0, 24.0
UNCACHED = {"Authorization": "none"}
"""A header that makes the page cache step aside."""


def measure() -> Iterator[Line]:
    """Every page of the small site."""
    addresses = site().addresses
    call_command("collectstatic", interactive=False, verbosity=0)
    for name, address in addresses.items():
        yield Line(f"queries, uncached: {name}", _queries(address), "", QUERIES)
    with web() as server:
        for name, address in addresses.items():
            if name != "search":
                yield Line(f"CPU, cached: {name}", server.cpu_ms_each(address, {}, 400), "ms", CACHED_MS)
            yield Line(f"CPU, uncached: {name}", server.cpu_ms_each(address, UNCACHED, 40), "ms")
        yield from _first_page(server)
        yield Line("memory of the web process", server.resident_mb(), "MB")


def _queries(address: str) -> int:
    client = Client()
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for query in captured)


def _first_page(server: Web) -> Iterator[Line]:
    """HTML and CSS compressed, then with the scripts that the page names."""
    page = server.get("/", {"Accept-Encoding": "gzip"}).content  # type: ignore[attr-defined]
    html = gzip.decompress(page).decode()
    styles = re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"', html)
    scripts = re.findall(r'<script[^>]+src="([^"]+)"', html)
    shown = len(page) + sum(_size(server, address) for address in styles)
    yield Line("first page: HTML and CSS", shown / 1024, "KB", SHOWN_KB)
    with_scripts = shown + sum(_size(server, address) for address in scripts)
    yield Line("first page: with scripts", with_scripts / 1024, "KB", WITH_SCRIPTS_KB)


def _size(server: Web, address: str) -> int:
    response = server.get(address, {"Accept-Encoding": "gzip"})
    assert response.status == 200, address
    return len(response.content)  # type: ignore[attr-defined]
