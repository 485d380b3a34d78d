"""What the search's benchmark makes up, reads and tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.search import corpus, targets
from search.evaluation import EvaluationLineWrong


def test_what_is_made_up_is_the_same_in_each_run_and_says_that_it_is_made_up() -> None:
    first, second = corpus.read(None, 50), corpus.read(None, 50)
    assert list(first.texts()) == list(second.texts())
    assert (first.questions, first.keywords(20)) == (second.questions, second.keywords(20))
    assert not first.is_real


def test_there_are_as_many_documents_as_are_wanted_however_many_are_given(tmp_path: Path) -> None:
    document = {"id": "a", "title": "接羔", "body": "接羔的时候要先暖后喂。羔羊怕冷。"}
    (tmp_path / "documents.jsonl").write_text(json.dumps(document))
    (tmp_path / "questions.jsonl").write_text(json.dumps({"question": "羔羊怕什么", "relevant": ["a"]}))
    few = corpus.read(tmp_path, 30)
    assert few.is_real
    assert len(list(few.texts())) == 30
    assert all(len(body) > 3 for _title, body in few.texts())


def test_a_folder_with_a_question_about_no_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "documents.jsonl").write_text(json.dumps({"id": "a", "body": "接羔"}))
    (tmp_path / "questions.jsonl").write_text(json.dumps({"question": "谁", "relevant": ["b"]}))
    with pytest.raises(EvaluationLineWrong):
        corpus.read(tmp_path, 30)


def test_keywords_stand_in_the_documents_and_have_two_to_four_characters() -> None:
    made = corpus.read(None, 50)
    bodies = "\n".join(document.body for document in made.documents)
    assert all(word in bodies and 2 <= len(word) <= 4 for word in made.keywords(50))


def test_a_target_without_a_measurement_is_told_as_not_measured() -> None:
    told = targets.report([targets.at_most(6, "slow", 3.0, "s", 2.0)], {"kill": "Broken: it"})
    assert "MISSED" in told
    assert "7 Elasticsearch killed during edits: not measured" in told
    assert "6 publish → findable: not measured" not in told
    assert "kill: not measured, Broken: it" in told
