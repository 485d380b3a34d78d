"""The index in a file of its own, as a main database that is not SQLite needs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from search.backends.replica import ReplicaBackend
from search.engine import current_backend
from search.models import SearchDocument, SearchOutbox
from search.selectors import search_materials
from search.services import index_status, rebuild
from tests.factories import cms as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def replica(settings: Any, tmp_path: Path) -> Iterator[ReplicaBackend]:
    settings.SEARCH_INDEX_IN_FILE = True
    settings.STATE_DIR = tmp_path
    backend = current_backend()
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
    assert current_backend() is not None
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


def test_a_lost_file_is_made_again(tmp_path: Path, settings: Any) -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    SearchOutbox.objects.all().delete()
    settings.STATE_DIR = tmp_path / "fresh"
    assert index_status().wrong > 0
    rebuild()
    assert titles("接羔") == ["冬季接羔保育"]
    assert index_status().wrong == 0


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
