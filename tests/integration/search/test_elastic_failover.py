"""Elasticsearch killed, slow or full: the embedded engine answers and says so, saving goes on, nothing is lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from threading import Timer
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import Settings

from search import engine, outbox
from search.backends import elastic_chores, elastic_feed
from search.backends.base import EngineUnavailable, Request
from search.backends.elastic_client import SEARCH_TIMEOUT_S
from search.backends.elastic_failover import FailoverBackend
from search.backends.elastic_feed import send_waiting
from search.backends.elastic_rebuild import stored_versions
from search.models import SearchDocument
from search.query import parse
from tests.integration.search.conftest import entry
from tests.services.elasticsearch import SearchNode, search_node

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

EDITS = 1_000
DOCUMENTS = 40
WITHIN_S = 60.0


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchNode]:
    """A node of one's own, which may be harmed."""
    with search_node(tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture
def site(node: SearchNode, settings: Settings) -> Iterator[FailoverBackend]:
    """A site that has that node, and tells it of every commit."""
    settings.ELASTICSEARCH_URLS = [node.url]
    settings.ELASTICSEARCH_PREFIX = f"test-{uuid4().hex[:12]}"
    outbox.announced.connect(elastic_chores.on_announced, dispatch_uid="test")
    backend = engine.current_backend()
    assert isinstance(backend, FailoverBackend)
    backend.prepare()
    backend.elastic.clear()
    yield backend
    outbox.announced.disconnect(dispatch_uid="test")
    backend.elastic.indices.remove_all()


def save(number: int, title: str) -> float:
    """Save a document as an editor's publishing does; how long it took."""
    started = time.perf_counter()
    with transaction.atomic():
        row = SearchDocument.objects.filter(summary=f"nr {number}").first() or SearchDocument(
            material_id=uuid4(), kind="lesson", url="/", summary=f"nr {number}", version=0, access_tokens=["public"]
        )
        row.title, row.version = title, row.version + 1
        row.save()
        outbox.announce([row.pk])
    return time.perf_counter() - started


def ask(site: FailoverBackend, text: str) -> tuple[set[int], bool]:
    hits = site.search(Request(parse(text), ("public",)))
    return set(hits.document_ids), hits.degraded


def until(condition: object, within_s: float) -> float:
    """How long it took until the condition held."""
    started = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - started < within_s
        time.sleep(0.1)
    return time.monotonic() - started


def test_killed_during_a_thousand_edits_nothing_is_lost(site: FailoverBackend, node: SearchNode) -> None:
    for number in range(EDITS // 2):
        save(number % DOCUMENTS, f"接羔第{number}次")
    node.kill()
    for number in range(EDITS // 2, EDITS):
        save(number % DOCUMENTS, f"防火第{number}次")
        if number % 100 == 0:
            assert ask(site, "接羔")[1]
    removed = SearchDocument.objects.order_by("pk")[:3]
    gone = [row.pk for row in removed]
    with transaction.atomic():
        SearchDocument.objects.filter(pk__in=gone).delete()
        outbox.announce(gone)
    assert ask(site, "防火") == (set(stored_versions()), True)
    assert outbox.lag().unsent > 0
    node.stop()
    node.start()

    def is_whole() -> bool:
        elastic_chores.send()
        return outbox.lag().unsent == 0

    until(is_whole, WITHIN_S)
    assert site.elastic.versions() == stored_versions()
    until(lambda: not ask(site, "防火")[1], WITHIN_S)
    assert ask(site, "防火") == (set(stored_versions()), False)
    assert ask(site, "接羔") == (set(), False)


def test_a_node_that_hangs_costs_one_wait_and_then_nothing(site: FailoverBackend, node: SearchNode) -> None:
    save(1, "接羔")
    until(lambda: ask(site, "接羔") == (set(stored_versions()), False), WITHIN_S)
    os.kill(node.process.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert ask(site, "接羔") == (set(stored_versions()), True)
        assert time.monotonic() - started < SEARCH_TIMEOUT_S + 1
        started = time.monotonic()
        assert ask(site, "接羔") == (set(stored_versions()), True)
        assert time.monotonic() - started < SEARCH_TIMEOUT_S
        assert save(2, "防火") < SEARCH_TIMEOUT_S
        assert ask(site, "防火")[1]
    finally:
        os.kill(node.process.pid, signal.SIGCONT)
    until(lambda: ask(site, "防火") == ({max(stored_versions())}, False), WITHIN_S)


def test_a_cluster_without_room_is_not_searched_while_it_lacks_what_was_saved(
    site: FailoverBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(1, "接羔")
    until(lambda: outbox.lag().unsent == 0, WITHIN_S)
    monkeypatch.setattr(elastic_feed, "LATE_AFTER", elastic_feed.LATE_AFTER * 0)
    monkeypatch.setattr(elastic_feed, "LOOK_AGAIN_S", 0.0)
    client = site.elastic._client
    names = f"{site.elastic.indices.prefix}-*"
    # What a node does to its indices when its disk passes the flood-stage mark.
    client.indices.put_settings(index=names, settings={"index.blocks.read_only_allow_delete": True})
    save(1, "防火")
    with pytest.raises(EngineUnavailable):
        send_waiting(site.elastic)
    assert ask(site, "防火") == (set(stored_versions()), True)
    client.indices.put_settings(index=names, settings={"index.blocks.read_only_allow_delete": None})
    send_waiting(site.elastic)
    until(lambda: ask(site, "防火") == (set(stored_versions()), False), WITHIN_S)


def test_an_index_in_the_making_waits_for_a_cluster_that_refuses_for_a_moment(site: FailoverBackend) -> None:
    client = site.elastic._client
    names = f"{site.elastic.indices.prefix}-*"
    client.indices.put_settings(index=names, settings={"index.blocks.read_only_allow_delete": True})
    with pytest.raises(EngineUnavailable):
        site.elastic.put(entry(1, "接羔"))
    freed = {"index.blocks.read_only_allow_delete": None}
    again = Timer(1, client.indices.put_settings, kwargs={"index": names, "settings": freed})
    again.start()
    assert site.elastic.put_all([entry(1, "接羔")]) == 1
    again.join()
    assert site.elastic.versions() == {1: 1}


def test_a_cluster_that_has_no_index_gets_one_from_the_worker(site: FailoverBackend) -> None:
    save(1, "接羔")
    until(lambda: outbox.lag().unsent == 0, WITHIN_S)
    site.elastic.indices.remove_all()
    assert ask(site, "接羔") == (set(stored_versions()), True)
    save(2, "接羔")
    elastic_chores.send()
    assert outbox.lag().unsent == 1
    elastic_chores.make_first_index()
    elastic_chores.send()
    assert outbox.lag().unsent == 0
    until(lambda: ask(site, "接羔") == (set(stored_versions()), False), WITHIN_S)
