"""What is searched: documents of question sets, or made up; and as many more out of their sentences as are wanted.

Made-up text is of words by Zipf's law over made-up words, so relevance found with it says little about real
questions; the report says which it was.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate, islice
from pathlib import Path

from search.evaluation import EvaluationDocument, EvaluationQuestion, read_documents, read_questions
from search.models import SearchDocument
from search.normalise import normalise

MADE_DOCUMENTS, MADE_QUESTIONS = 2_000, 300
_WORDS = 6_000
_BODY_CHARACTERS = 420
"""Of a document made of other documents' sentences."""
_PUBLIC_SHARE = 0.9
_FACETS = {
    "field": tuple("abcdefgh"),
    "level": ("province", "prefecture", "county"),
    "year": tuple(map(str, range(2015, 2027))),
    "language": ("zh-hans", "bo", "mn"),
}
_KINDS = ("lesson", "case", "place", "outline", "teacher")
COUNTED = ("kind", *_FACETS)
"""The five facets that are counted in target 4."""
_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{4,}")


@dataclass
class Corpus:
    """Documents and questions; `is_real` when they come from question sets."""

    documents: Sequence[EvaluationDocument]
    questions: Sequence[EvaluationQuestion]
    is_real: bool
    wanted: int

    def texts(self) -> Iterator[tuple[str, str]]:
        """Title and body of as many documents as are wanted, those that answer questions first."""
        chance = random.Random(4)
        yield from ((each.title, each.body) for each in self.documents[: self.wanted])
        for _number in range(self.wanted - len(self.documents)):
            body = ""
            while len(body) < _BODY_CHARACTERS:
                body += chance.choice(self._sentences)
            yield chance.choice(self.documents).title, body[:4_000]

    @cached_property
    def _sentences(self) -> list[str]:
        return [each for document in self.documents for each in _SENTENCE.findall(document.body) if len(each) > 3]

    def keywords(self, count: int, seed: int = 3) -> list[str]:
        """Words of 2 to 4 characters as they stand in the documents."""
        chance = random.Random(seed)
        found: dict[str, None] = {}
        while len(found) < count:
            runs = _CHINESE.findall(chance.choice(self.documents).body)
            if runs:
                run = chance.choice(runs)
                length = chance.randint(2, 4)
                start = chance.randrange(len(run) - length + 1)
                found[run[start : start + length]] = None
        return list(found)

    def some_questions(self, count: int) -> list[EvaluationQuestion]:
        """Questions at random, always the same ones."""
        return random.Random(6).sample(list(self.questions), min(count, len(self.questions)))


def read(folder: Path | None, wanted: int) -> Corpus:
    """The question sets of a folder, or what is made up.

    Raises:
        EvaluationFileUnreadable, EvaluationLineWrong: the folder's files are not what they should be.
    """
    if folder is None:
        return _made_up(wanted)
    documents = read_documents(folder / "documents.jsonl")
    questions = read_questions(folder / "questions.jsonl", {each.id for each in documents})
    return Corpus(documents, questions, True, wanted)


def store(corpus: Corpus) -> dict[int, tuple[str, str]]:
    """Write the documents as the site's are stored; returns primary key → normalised title and body."""
    chance = random.Random(5)
    begun = datetime(2015, 1, 1, tzinfo=UTC)
    texts: dict[int, tuple[str, str]] = {}
    left = corpus.texts()
    while batch := list(islice(left, 1_000)):
        rows = [
            SearchDocument(
                material_id=uuid.UUID(int=chance.getrandbits(128), version=4), kind=chance.choice(_KINDS), url="/",
                title=title, body=body, characters=len(body),
                facets={facet: chance.choice(values) for facet, values in _FACETS.items()},
                access_tokens=["public"] if chance.random() < _PUBLIC_SHARE else ["org-1"],
                published_at=begun + timedelta(days=chance.randrange(4_000)),
            )
            for title, body in batch
        ]  # fmt: skip
        for row in SearchDocument.objects.bulk_create(rows):
            if row.access_tokens == ["public"]:
                texts[row.pk] = normalise(row.title), normalise(row.body)
    return texts


def _made_up(wanted: int) -> Corpus:
    chance = random.Random(2)
    signs = [chr(code) for code in range(0x4E00, 0x9FA0) if _is_common(chr(code))]
    lengths = chance.choices((1, 2, 3, 4), (1, 6, 2, 1), k=_WORDS)
    words = ["".join(chance.choices(signs, k=length)) for length in lengths]
    weights = list(accumulate(1 / rank for rank in range(1, _WORDS + 1)))

    def sentence() -> str:
        return "，".join("".join(chance.choices(words, cum_weights=weights, k=6)) for _clause in range(3)) + "。"

    documents = [
        EvaluationDocument(
            str(n), "".join(chance.choices(words, k=3)), "".join(sentence() for _ in range(8)), "zh-hans"
        )
        for n in range(min(MADE_DOCUMENTS, wanted))
    ]
    asked = chance.sample(documents, min(MADE_QUESTIONS, len(documents)))
    return Corpus(documents, [EvaluationQuestion(_asking(each, chance), (each.id,)) for each in asked], False, wanted)


def _body(sentence: Callable[[], str]) -> str:
    return "".join(sentence() for _number in range(8))


def _asking(document: EvaluationDocument, chance: random.Random) -> str:
    """A question for two clauses of a sentence, in the other order and without their ends."""
    clauses = chance.choice(document.body.rstrip("。").split("。")).split("，")
    first, second = chance.sample(clauses, 2)
    return f"{second[:-1]}的{first[1:]}是什么？"


def _is_common(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] < 0xD8
    except UnicodeEncodeError:
        return False
