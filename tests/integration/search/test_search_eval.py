"""`manage.py search_eval`: numbers that can be checked by hand, and files that are not what they should be."""

from __future__ import annotations

import json
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from search.backends.elastic_client import connect
from tests.services.processes import free_port

DOCUMENTS = [
    {"id": "a", "title": "接羔", "body": "冬季接羔要防寒", "language": "zh-hans"},
    {"id": "b", "title": "防火", "body": "草原防火要清理枯草", "language": "zh-hans"},
    {"id": "c", "title": "牧區的水源", "body": "水源要保護", "language": "zh-hant"},
    {"id": 4, "title": "", "body": "冬季接羔也要防火，圈里不能生火"},
]
QUESTIONS = [
    {"question": "防寒", "relevant": ["a"]},
    {"question": "怎样保护水源？", "relevant": ["c"]},
    {"question": "防火", "relevant": ["4"]},
    {"question": "卫星导航", "relevant": ["b"]},
]


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def run(folder: Path, documents: str, questions: str, *options: str, engine: str = "embedded") -> str:
    (folder / "documents").write_text(documents, encoding="utf-8")
    (folder / "questions").write_text(questions, encoding="utf-8")
    out = StringIO()
    call_command(
        "search_eval", "--documents", folder / "documents", "--questions", folder / "questions", "--engine", engine,
        *options, stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_the_last_line_holds_the_numbers(tmp_path: Path) -> None:
    measured = json.loads(run(tmp_path, lines(DOCUMENTS), lines(QUESTIONS), "--json").splitlines()[-1])
    assert set(measured) == {
        "mrr@10", "recall@1", "recall@10", "cpu_ms_p50", "cpu_ms_p95", "wall_ms_p50", "wall_ms_p95", "documents_per_s",
    }  # fmt: skip
    assert measured["recall@1"] == 0.5
    assert measured["recall@10"] == 0.75
    assert measured["mrr@10"] == pytest.approx((1 + 1 + 0.5 + 0) / 4)
    assert measured["wall_ms_p95"] >= measured["wall_ms_p50"] > 0
    assert measured["documents_per_s"] > 0


def test_people_read_a_table(tmp_path: Path) -> None:
    shown = run(tmp_path, lines(DOCUMENTS), lines(QUESTIONS))
    assert "4 篇 / documents, 4 问 / questions" in shown
    assert "mrr@10  0.6250" in shown


def test_of_several_right_documents_each_one_found_counts(tmp_path: Path) -> None:
    asked = [{"question": "冬季接羔", "relevant": ["a", "4"]}, {"question": "防寒", "relevant": ["a", "b"]}]
    measured = json.loads(run(tmp_path, lines(DOCUMENTS), lines(asked), "--json"))
    assert measured["recall@10"] == 0.75


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    run(tmp_path, lines(DOCUMENTS), lines(QUESTIONS))
    assert list(scratch.iterdir()) == []


def test_empty_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    documents = "\ufeff\n" + lines(DOCUMENTS).replace("\n", "\r\n\r\n")
    assert "4 篇" in run(tmp_path, documents, lines(QUESTIONS))


def test_no_questions_measure_nothing(tmp_path: Path) -> None:
    measured = json.loads(run(tmp_path, lines(DOCUMENTS), "", "--json"))
    assert measured["mrr@10"] == 0


@pytest.mark.parametrize(
    ("documents", "questions", "said"),
    [
        ('{"id": "a", "body": "羊"}\n{"id": "b", "bo', "", "documents 第 2 行"),
        ('{"id": "a", "body": "羊"}\n\n[1]', "", "documents 第 3 行"),
        ('{"body": "羊"}', "", "documents, line 1"),
        ('{"id": true, "body": "羊"}', "", "documents, line 1"),
        ('{"id": "a", "body": "  "}', "", '"body"'),
        ('{"id": "a", "body": 7}', "", '"body"'),
        ('{"id": "a", "title": [], "body": "羊"}', "", '"title"'),
        ('{"id": "1", "body": "羊"}\n{"id": 1, "body": "羔"}', "", "documents 第 2 行"),
        ("[" * 100_000, "", "documents 第 1 行"),
        ('{"id": "a", "body": "羊"}', '{"question": "羊"}', "questions, line 1"),
        ('{"id": "a", "body": "羊"}', '{"question": "羊", "relevant": []}', "questions, line 1"),
        ('{"id": "a", "body": "羊"}', '{"question": "羊", "relevant": "a"}', "questions, line 1"),
        ('{"id": "a", "body": "羊"}', '{"question": "羊", "relevant": ["a", "z"]}', "'z'"),
        ('{"id": "a", "body": "羊"}', '{"question": null, "relevant": ["a"]}', '"question"'),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path: Path, documents: str, questions: str, said: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run(tmp_path, documents, questions)
    assert said in str(refusal.value)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing"):
        call_command(
            "search_eval", "--documents", tmp_path / "missing", "--questions", tmp_path, "--engine", "embedded"
        )
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="bytes"):
        call_command("search_eval", "--documents", tmp_path / "bytes", "--questions", tmp_path, "--engine", "embedded")


def test_elasticsearch_is_measured_in_indices_that_are_removed(
    tmp_path: Path, elasticsearch_url: str, settings: Any
) -> None:
    settings.ELASTICSEARCH_URLS, settings.ELASTICSEARCH_PREFIX = [elasticsearch_url], "measured"
    measured = json.loads(run(tmp_path, lines(DOCUMENTS), lines(QUESTIONS), "--json", engine="elasticsearch"))
    assert measured["mrr@10"] == pytest.approx(0.625)
    assert not connect([elasticsearch_url]).indices.get(index="measured-*").body


def test_without_an_address_elasticsearch_is_not_measured(tmp_path: Path, settings: Any) -> None:
    settings.ELASTICSEARCH_URLS = []
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        run(tmp_path, lines(DOCUMENTS), lines(QUESTIONS), engine="elasticsearch")


def test_a_server_that_is_not_there_is_said(tmp_path: Path, settings: Any) -> None:
    settings.ELASTICSEARCH_URLS = [f"http://127.0.0.1:{free_port()}"]
    with pytest.raises(CommandError, match="does not answer"):
        run(tmp_path, lines(DOCUMENTS), lines(QUESTIONS), engine="elasticsearch")
