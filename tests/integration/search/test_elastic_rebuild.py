"""A rebuild of Elasticsearch's index: nobody notices it, and what is wrong is not read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from unittest.mock import patch
from uuid import uuid4

import pytest

from search import outbox
from search.backends import elastic_rebuild
from search.backends.base import Request
from search.backends.elastic import TOMBSTONE, ElasticBackend
from search.backends.elastic_client import connect
from search.backends.elastic_feed import send_waiting
from search.backends.elastic_indices import ABANDONED_AFTER_S, RebuildRunning
from search.backends.elastic_rebuild import RebuildIncomplete, checksum, renew, stored_versions
from search.entries import entries_of
from search.models import SearchDocument, SearchOutbox, SearchSegment
from search.query import parse
from search.services import every_entry
from tests.integration.search.conftest import entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(elasticsearch_url: str) -> Iterator[ElasticBackend]:
    """A site's indices, with nothing in them."""
    backend = ElasticBackend(connect([elasticsearch_url]), f"test-{uuid4().hex[:12]}", immediate=True)
    backend.prepare()
    yield backend
    backend.indices.remove_all()


def document(title: str, *said: str) -> SearchDocument:
    row = SearchDocument.objects.create(
        material_id=uuid4(), kind="lesson", title=title, url="/", access_tokens=["public"]
    )
    SearchSegment.objects.bulk_create(SearchSegment(document=row, language="zh-hans", text=text) for text in said)
    return row


def found(backend: ElasticBackend, text: str) -> set[int]:
    return set(backend.search(Request(parse(text), ("public",))).document_ids)


def test_the_new_index_holds_what_the_database_holds_and_the_one_before_is_kept(cluster: ElasticBackend) -> None:
    rows = [document(f"接羔第{n}讲", "先暖后喂") for n in range(5)]
    cluster.put(entry(99_999, "接羔，早已删除"))
    made = renew(cluster, every_entry())
    assert (made.generation, made.documents) == (2, 5)
    assert made.checksum == checksum(stored_versions())
    assert found(cluster, "接羔") == {row.pk for row in rows}
    assert set(cluster.segments(parse("先暖后喂"), [rows[0].pk])) == {rows[0].pk}
    assert cluster.indices.generations() == [1, 2]
    assert renew(cluster, every_entry()).generation == 3
    assert cluster.indices.generations() == [2, 3]
    for family in ("materials", "segments"):
        assert cluster.indices.targets(family) == (cluster.indices.name(family, 3),)


def test_a_change_during_a_rebuild_reaches_both_indices_and_is_never_overwritten(cluster: ElasticBackend) -> None:
    row, gone = document("旧题目"), document("要删除的")
    cluster.put_all(entries_of([row.pk, gone.pk]))
    number = cluster.indices.begin()
    assert cluster.indices.targets("materials") == tuple(cluster.indices.name("materials", n) for n in (1, number))
    [old] = entries_of([row.pk])
    [dead] = entries_of([gone.pk])
    SearchDocument.objects.filter(pk=row.pk).update(title="新题目", version=2)
    cluster.put_all(entries_of([row.pk]))
    cluster.remove([gone.pk])
    assert found(cluster, "新题目") == {row.pk}
    cluster.write([old, dead], (), generation=number)
    cluster.indices.finish(number)
    assert found(cluster, "新题目") == {row.pk}
    assert found(cluster, "删除") == set()
    assert cluster.versions() == {row.pk: 2}


def test_what_changes_between_writing_and_comparing_is_written_again(cluster: ElasticBackend) -> None:
    row = document("旧题目")
    late: list[SearchDocument] = []

    def compared(backend: ElasticBackend, number: int) -> dict[int, int]:
        late.append(document("后来的"))
        SearchDocument.objects.filter(pk=row.pk).update(title="新题目", version=2)
        return real(backend, number)

    real = elastic_rebuild._compared
    with patch.object(elastic_rebuild, "_compared", compared):
        renew(cluster, every_entry())
    assert found(cluster, "新题目") == {row.pk}
    assert found(cluster, "后来的") == {late[0].pk}


def test_an_index_that_cannot_be_made_whole_is_never_read(cluster: ElasticBackend) -> None:
    row = document("接羔")
    cluster.put_all(entries_of([row.pk]))
    with patch.object(elastic_rebuild, "_write"), pytest.raises(RebuildIncomplete):
        renew(cluster, every_entry())
    assert cluster.indices.generations() == [1]
    assert found(cluster, "接羔") == {row.pk}


def test_only_one_process_rebuilds_and_one_that_was_killed_is_cleared_away(cluster: ElasticBackend) -> None:
    number = cluster.indices.begin()
    with pytest.raises(RebuildRunning):
        renew(cluster, every_entry())
    cluster.indices.beat(number)
    with patch.object(time, "time", lambda now=time.time: now() + ABANDONED_AFTER_S + 1):
        assert renew(cluster, every_entry()).generation == number
    assert cluster.indices.read_generation() == number


def test_a_document_that_the_server_refuses_does_not_hold_up_the_others(
    cluster: ElasticBackend, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.put_all([entry(1, "接羔", facets={"no such facet": ("x",)}), entry(2, "接羔")])
    assert found(cluster, "接羔") == {2}
    assert "refuses document 1" in caplog.text


def test_a_late_write_does_not_bring_back_what_was_removed(cluster: ElasticBackend) -> None:
    cluster.remove([7])
    cluster.put(entry(7, "接羔", version=TOMBSTONE - 1))
    assert found(cluster, "接羔") == set()
    assert cluster.versions() == {}


def test_the_outbox_is_sent_once_it_has_been_committed_and_marked_when_it_has_arrived(cluster: ElasticBackend) -> None:
    row, gone = document("接羔"), document("删除")
    gone_id = gone.pk
    gone.delete()
    SearchOutbox.objects.bulk_create(SearchOutbox(document_id=each) for each in (row.pk, gone_id, row.pk))
    assert send_waiting(cluster) == 3
    assert outbox.unsent(10) == []
    assert cluster.versions() == {row.pk: 1}
    assert send_waiting(cluster) == 0
