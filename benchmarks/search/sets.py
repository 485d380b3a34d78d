"""From published question sets to the two files that `manage.py search_eval` reads.

    python -m benchmarks.search.sets OUT FILE… [--background FILE…]

Sets in SQuAD's layout (CMRC 2018, DRCD, XQuAD: all CC BY-SA 4.0) give passages and questions; each answer's passage
is the one document that is relevant. Background files give passages only: SQuAD's layout again, or C3's list of
`[lines, questions, id]`. The sets themselves stay out of the repository.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with the questions that it answers."""

    title: str
    text: str
    questions: tuple[str, ...] = ()


def passages(content: Any) -> Iterator[Passage]:
    """The passages of a file in one of the two layouts.

    Raises:
        KeyError, TypeError, ValueError: the content is in neither.
    """
    if isinstance(content, list):
        for lines, *_rest in content:
            yield Passage("", "\n".join(lines))
        return
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            asked = (each["question"] for each in paragraph["qas"] if not each.get("is_impossible"))
            yield Passage(str(article.get("title", "")).replace("_", " "), paragraph["context"], tuple(asked))


def convert(files: Sequence[Path], background: Sequence[Path]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Documents and questions; of passages that stand in several places one is kept, relevant for all questions."""
    documents: dict[str, dict[str, Any]] = {}
    questions: list[dict[str, Any]] = []
    for path in (*files, *background):
        for passage in passages(json.loads(path.read_text(encoding="utf-8"))):
            document = {"id": f"{path.stem}-{len(documents)}", "title": passage.title, "body": passage.text}
            kept = documents.setdefault(passage.text, {**document, "language": "zh-hans"})
            if path in files:
                questions += [{"question": each, "relevant": [kept["id"]]} for each in passage.questions]
    return list(documents.values()), questions


def main(arguments: Sequence[str]) -> int:
    """Write `documents.jsonl` and `questions.jsonl` into a folder."""
    parser = ArgumentParser(prog="python -m benchmarks.search.sets", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--background", type=Path, nargs="*", default=[])
    given = parser.parse_args(arguments)
    documents, questions = convert(given.files, given.background)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, rows in (("documents", documents), ("questions", questions)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (given.out / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    print(f"{len(documents)} documents, {len(questions)} questions")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
