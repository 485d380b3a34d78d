"""The index in a file of its own, as a main database that is not SQLite needs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cms.lessons.models import Case
from search import outbox
from search.backends.replica import ReplicaBackend
from search.engine import embedded_backend
from search.models import SearchDocument, SearchOutbox, SearchReplica
from search.selectors import search_materials
from search.status import index_status
from tests.factories import cms as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def replica(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[ReplicaBackend]:
    SearchReplica.objects.all().delete()  # The one that migrations fed.
    settings.SEARCH_INDEX_IN_FILE = True
    settings.STATE_DIR = tmp_path
    backend = embedded_backend()
    assert isinstance(backend, ReplicaBackend)
    yield backend


def titles(text: str) -> list[str]:
    return [result.title for result in search_materials(text).results]


def test_what_is_published_is_found_once_it_is_committed(replica: ReplicaBackend) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    assert titles("接羔") == ["冬季接羔保育"]
    assert replica.pending() == 0
    assert index_status().wrong == 0


def test_what_is_rolled_back_never_reaches_the_file(replica: ReplicaBackend) -> None:
    lesson = make.make_lesson(title="冬季接羔保育")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make.publish(lesson)
        assert titles("接羔") == []
        raise ZeroDivisionError
    assert titles("接羔") == []


def test_another_machines_replica_catches_up_before_it_answers(settings: Any, tmp_path: Path) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    settings.STATE_DIR = tmp_path / "elsewhere"
    assert embedded_backend() is not None
    assert titles("接羔") == ["冬季接羔保育"]


def test_a_withdrawal_reaches_the_file() -> None:
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    lesson.unpublish()
    assert titles("接羔") == []


def test_a_row_that_commits_late_is_taken_over_although_a_higher_one_was(replica: ReplicaBackend) -> None:
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    document = SearchDocument.objects.get(material_id=lesson.translation_key)
    last = SearchOutbox.objects.order_by("-pk")[0]
    SearchOutbox.objects.create(pk=last.pk + 10, document_id=0)
    assert titles("接羔") == ["冬季接羔保育"]
    SearchDocument.objects.filter(pk=document.pk).update(title="冬季接羔与保育", version=document.version + 1)
    SearchOutbox.objects.create(pk=last.pk + 5, document_id=document.pk)
    assert titles("羔与保") == ["冬季接羔与保育"]


def test_a_file_that_was_lost_fills_itself_although_the_outbox_was_pruned(tmp_path: Path, settings: Any) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    SearchOutbox.objects.all().delete()
    settings.STATE_DIR = tmp_path / "fresh"
    assert titles("接羔") == ["冬季接羔保育"]
    assert index_status().wrong == 0


def test_a_machine_that_was_forgotten_compares_all_it_has(replica: ReplicaBackend) -> None:
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    replica.catch_up()
    SearchReplica.objects.all().delete()
    document = SearchDocument.objects.get(material_id=lesson.translation_key)
    SearchDocument.objects.filter(pk=document.pk).update(title="草原防火", version=document.version + 1)
    replica.store.execute("UPDATE search_replica SET reported_at = 0")
    assert titles("草原防火") == ["草原防火"]
    assert SearchReplica.objects.count() == 1


def test_the_outbox_keeps_what_an_engine_has_not_taken_over(replica: ReplicaBackend, settings: Any) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    assert titles("接羔") == ["冬季接羔保育"]
    newest = SearchOutbox.objects.latest("pk").pk
    later = timezone.now() + timedelta(hours=1)
    assert outbox.prune(timezone.now()) == 0
    assert SearchReplica.objects.get().settled < newest
    assert outbox.prune(later) == 0
    SearchReplica.objects.update(settled=newest)
    settings.ELASTICSEARCH_URLS = ["http://localhost:1"]
    SearchOutbox.objects.update(is_sent=False)
    assert outbox.lag().unsent > 0
    assert outbox.prune(later) == 0
    outbox.mark_sent([row for row, _document in outbox.unsent(1000)])
    assert outbox.lag().unsent == 0
    assert outbox.prune(later) > 0
    assert not SearchOutbox.objects.exists()


def test_an_unheard_of_machine_holds_up_nobody(replica: ReplicaBackend) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    replica.catch_up()
    SearchReplica.objects.update(settled=0)
    assert outbox.prune(timezone.now() + timedelta(days=8)) > 0


def test_a_database_that_counts_from_the_start_again_is_followed(replica: ReplicaBackend) -> None:
    make.make_lesson(title="雪灾来了", published=True)
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    replica.catch_up()
    SearchOutbox.objects.all().delete()
    document = SearchDocument.objects.get(material_id=lesson.translation_key)
    SearchDocument.objects.filter(pk=document.pk).update(title="草原防火", version=9)
    SearchOutbox.objects.create(pk=1, document_id=document.pk)
    replica.prepare()
    assert titles("草原防火") == ["草原防火"]
    assert titles("接羔保育") == []


def test_nobody_waits_for_a_very_long_text(replica: ReplicaBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(replica, "_take_over_apart", lambda: started.append(True))
    make.make_lesson(title="冬季接羔保育", published=True)
    assert titles("接羔") == ["冬季接羔保育"] and started == []
    lesson = make.make_lesson(title="长课", model=Case, body="草原上的日子。" * 9_000, published=True)
    assert titles("长课") == [] and started
    replica.catch_up()
    assert titles("长课") == [lesson.title]
