"""Measuring an engine with questions whose right documents are known.

The documents go through the port as the site's do (`put_all`, `search`), into an index of their own; nothing here is
ranked or analysed in another way than for a visitor.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.errors import PersonError
from search.backends.base import EngineUnavailable, IndexEntry, Request, SearchBackend
from search.query import parse
from search.registry import PUBLIC

DEPTH = 10
"""What is below the tenth hit does not count."""


class EvaluationFileUnreadable(PersonError):
    """A file that cannot be read at all."""

    code = "evaluation-file"
    message_zh = "读不了文件 {path}：{reason}。"
    message_en = "Cannot read the file {path}: {reason}."


class EvaluationLineWrong(PersonError):
    """A line that is not what it should be."""

    code = "evaluation-line"
    message_zh = "{path} 第 {line} 行不对：{reason}。"
    message_en = "{path}, line {line}: {reason}."


@dataclass(frozen=True, slots=True)
class EvaluationDocument:
    """A document to be found."""

    id: str
    title: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class EvaluationQuestion:
    """A question and the ids of the documents that answer it."""

    question: str
    relevant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Outcome of an evaluation. CPU is that of this process: for Elasticsearch the client's part only."""

    ranks: tuple[int | None, ...]
    """Of each question, the place of the first right document among the first `DEPTH`."""
    found: tuple[float, ...]
    """Of each question, the share of its right documents among the first `DEPTH`."""
    cpu_ms: tuple[float, ...]
    wall_ms: tuple[float, ...]
    unanswered: int
    """Questions to which the engine had no answer in time; they count as not found."""
    documents: int
    indexing_s: float

    def as_dict(self) -> dict[str, float]:
        """The numbers of the command's last line."""
        return {
            "mrr@10": _mean([1 / rank if rank else 0.0 for rank in self.ranks]),
            "recall@1": _mean([float(rank == 1) for rank in self.ranks]),
            "recall@10": _mean(self.found),
            "cpu_ms_p50": percentile(self.cpu_ms, 50),
            "cpu_ms_p95": percentile(self.cpu_ms, 95),
            "wall_ms_p50": percentile(self.wall_ms, 50),
            "wall_ms_p95": percentile(self.wall_ms, 95),
            "documents_per_s": self.documents / self.indexing_s if self.indexing_s else 0.0,
        }


def evaluate(
    backend: SearchBackend, documents: Sequence[EvaluationDocument], questions: Sequence[EvaluationQuestion]
) -> Measured:
    """Index the documents in an empty engine, ask every question once.

    Raises:
        EngineUnavailable: the engine does not take the documents in.
    """
    backend.prepare()
    started = time.perf_counter()
    backend.put_all(_entry(number, document) for number, document in enumerate(documents, start=1))
    findable = len(backend.versions())
    indexing_s = time.perf_counter() - started
    if findable != len(documents):
        raise EngineUnavailable(f"{findable} of {len(documents)} documents are findable")
    answers = [_ask(backend, each.question) for each in questions]
    tops = [[documents[number - 1].id for number in (answer[0] or ())[:DEPTH]] for answer in answers]
    return Measured(
        ranks=tuple(_rank(top, each.relevant) for top, each in zip(tops, questions, strict=True)),
        found=tuple(_share(top, each.relevant) for top, each in zip(tops, questions, strict=True)),
        cpu_ms=tuple(answer[1] for answer in answers),
        wall_ms=tuple(answer[2] for answer in answers),
        unanswered=sum(answer[0] is None for answer in answers),
        documents=len(documents),
        indexing_s=indexing_s,
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)] if ordered else 0.0


def _entry(number: int, document: EvaluationDocument) -> IndexEntry:
    return IndexEntry(
        document_id=number,
        version=1,
        access_tokens=(PUBLIC,),
        title=document.title,
        summary="",
        body=document.body,
        teachers="",
        segments=(),
        language=document.language,
    )


def _ask(backend: SearchBackend, text: str) -> tuple[tuple[int, ...] | None, float, float]:
    """The hits (None: no answer), and the milliseconds of CPU and of waiting, from what was typed to the ids."""
    cpu, wall = time.process_time(), time.perf_counter()
    ids: tuple[int, ...] | None = None
    with suppress(EngineUnavailable):
        ids = backend.search(Request(parse(text), (PUBLIC,))).document_ids
    return ids, 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


def _rank(top: Sequence[str], relevant: Sequence[str]) -> int | None:
    return next((place for place, each in enumerate(top, start=1) if each in relevant), None)


def _share(top: Sequence[str], relevant: Sequence[str]) -> float:
    """Of at most as many right documents as have a place among the first."""
    return len(set(top) & set(relevant)) / min(len(set(relevant)), DEPTH)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def read_documents(path: Path) -> list[EvaluationDocument]:
    """Documents as JSON lines `{"id", "title", "body", "language"}`; title and language may be left out.

    Raises:
        EvaluationFileUnreadable, EvaluationLineWrong: with the line's number; also for an id that was there before.
    """
    found: dict[str, EvaluationDocument] = {}
    for line, row in _rows(path):
        document = EvaluationDocument(
            id=_text(path, line, row, "id"),
            title=_text(path, line, row, "title", default=""),
            body=_text(path, line, row, "body"),
            language=_text(path, line, row, "language", default="zh-hans"),
        )
        if document.id in found:
            raise EvaluationLineWrong(path=path.name, line=line, reason=f'"id" {document.id!r} 重复 / twice')
        found[document.id] = document
    return list(found.values())


def read_questions(path: Path, document_ids: set[str]) -> list[EvaluationQuestion]:
    """Questions as JSON lines `{"question", "relevant": [ids]}`.

    Raises:
        EvaluationFileUnreadable, EvaluationLineWrong: with the line's number; also for an id that no document has.
    """
    found = []
    for line, row in _rows(path):
        relevant = row.get("relevant")
        if not isinstance(relevant, list) or not relevant:
            raise EvaluationLineWrong(path=path.name, line=line, reason='"relevant" 应是文档号的列表 / a list of ids')
        ids = tuple(map(_identifier, relevant))
        missing = [each for each in ids if each not in document_ids]
        if missing:
            raise EvaluationLineWrong(path=path.name, line=line, reason=f"没有文档 / no document {missing[0]!r}")
        found.append(EvaluationQuestion(_text(path, line, row, "question"), ids))
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with their line numbers; empty lines are passed over."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationFileUnreadable(path=path, reason=error) from error
    for line, text in enumerate(content.split("\n"), start=1):
        if text.strip():
            yield line, _object(path, line, text)


def _object(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationLineWrong(path=path.name, line=line, reason=f"不是 JSON / not JSON ({error})") from error
    if not isinstance(row, dict):
        raise EvaluationLineWrong(path=path.name, line=line, reason="应是一个 JSON 对象 / not a JSON object")
    return row


def _text(path: Path, line: int, row: dict[str, Any], name: str, *, default: str | None = None) -> str:
    value = row.get(name, default)
    if name == "id":
        value = _identifier(value)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise EvaluationLineWrong(path=path.name, line=line, reason=f'"{name}" 应是文字 / must be text')
    return value


def _identifier(value: Any) -> str:
    """An id is text or a whole number; anything else is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)
