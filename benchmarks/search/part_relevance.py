"""Relevance of questions (target 1) and what is lost when they are typed in the other script (3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import opencc

from benchmarks.media.targets import Measured
from benchmarks.search.corpus import Corpus
from benchmarks.search.engines import EMBEDDED, Machines
from benchmarks.search.targets import at_least, at_most
from search.evaluation import EvaluationQuestion, evaluate

QUESTIONS = 600
"""At most."""
_LEAST_MRR = {EMBEDDED: 0.935}
_LEAST_MRR_ELASTIC, _LEAST_RECALL, _MOST_LOSS = 0.945, 0.985, 0.005
_SCRIPTS = {"traditional": "s2t", "simplified": "t2s"}


def measure(corpus: Corpus, machines: Machines) -> Iterator[Measured]:
    """Ask each question as it is, in traditional and in simplified characters."""
    questions = corpus.some_questions(QUESTIONS)
    asked = [*questions, *(each for way in _SCRIPTS.values() for each in _converted(questions, way))]
    kind = "" if corpus.is_real else " (made up, so without a limit)"
    with machines.fresh() as engines:
        for engine, backend in engines.items():
            found = evaluate(backend, corpus.documents, asked)
            plain = slice(0, len(questions))
            mrr, recall = _mrr(found.ranks[plain]), sum(found.found[plain]) / len(questions)
            least = _LEAST_MRR.get(engine, _LEAST_MRR_ELASTIC) if corpus.is_real else None
            yield at_least(1, f"{engine}: MRR@10 of {len(questions)} questions{kind}", mrr, "", least)
            least = _LEAST_RECALL if corpus.is_real and engine != EMBEDDED else None
            yield at_least(1, f"{engine}: R@10 of the same", recall, "", least)
            for number, script in enumerate(_SCRIPTS, start=1):
                part = slice(number * len(questions), (number + 1) * len(questions))
                loss = mrr - _mrr(found.ranks[part])
                yield at_most(3, f"{engine}: MRR@10 lost by questions in {script}", loss, "", _MOST_LOSS)


def _mrr(ranks: Sequence[int | None]) -> float:
    return sum(1 / rank for rank in ranks if rank) / len(ranks)


def _converted(questions: Sequence[EvaluationQuestion], way: str) -> list[EvaluationQuestion]:
    converter = opencc.OpenCC(way)
    return [replace(each, question=converter.convert(each.question)) for each in questions]
