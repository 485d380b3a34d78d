"""Lines of lectures found where they are said, and homophones (target 10)."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.media.targets import Measured
from benchmarks.search.corpus import Corpus
from benchmarks.search.engines import EMBEDDED, Machines
from benchmarks.search.targets import at_least
from search import engine as engines
from search.backends.base import IndexEntry, SearchBackend
from search.backends.embedded import EmbeddedBackend
from search.entries import entries_of
from search.models import SearchDocument
from search.query import parse
from search.registry import PUBLIC
from search.selectors import search_materials
from search.suggestions import sounds
from search.suggestions.correct import did_you_mean
from tests.factories import cms
from tests.integration.search.test_search_suggestions import WORDS

LECTURES, LINES, QUOTED = 8, 120, 200
_LINE_S, _WITHIN_S = 7, 5.0
_LEAST = 0.95
_TRIES = 5


def measure(corpus: Corpus, machines: Machines) -> Iterator[Measured]:
    """Quote lines of lectures, then type words by their sound."""
    said = _lectures(corpus)
    chance = random.Random(8)
    quoted = chance.sample([(number, place) for number in said for place in range(LINES)], QUOTED)
    with machines.fresh() as both:
        for engine, backend in both.items():
            backend.put_all(entries_of(list(SearchDocument.objects.values_list("pk", flat=True))))
            with engines.only(backend):
                right = sum(_is_at(said[title][place], title, place * _LINE_S) for title, place in quoted)
            yield at_least(10, f"{engine}: of {QUOTED} lines found at ± 5 s", right / QUOTED, "", _LEAST)
    with machines.fresh() as both:
        right, asked = _homophones(both[EMBEDDED])
    yield at_least(10, f"homophones of {asked} right at the first try", right / asked, "", _LEAST)


def _lectures(corpus: Corpus) -> dict[str, list[str]]:
    """Title → lines of published lectures: pieces of the corpus, a line every few seconds."""
    pieces = iter(corpus.keywords(LECTURES * LINES, seed=9))
    longer = [document.body for document in corpus.documents]
    chance, found = random.Random(10), {}
    for number in range(LECTURES):
        lines = [next(pieces) + _piece(chance.choice(longer), chance) for _line in range(LINES)]
        cues = "".join(
            f"{_clock(place * _LINE_S)} --> {_clock((place + 1) * _LINE_S)}\n{line}\n\n"
            for place, line in enumerate(lines)
        )
        title = f"讲座{number}"
        cms.make_lesson(title=title, published=True, subtitles={"zh-hans": f"WEBVTT\n\n{cues}".encode()})
        found[title] = lines
    return found


def _piece(text: str, chance: random.Random) -> str:
    letters = [letter for letter in text if "\u4e00" <= letter <= "\u9fff"]
    start = chance.randrange(max(len(letters) - 12, 1))
    return "".join(letters[start : start + 12])


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


def _is_at(line: str, title: str, second: float) -> bool:
    results = search_materials(line).results
    places = [place for result in results if result.title == title for place in result.segments]
    return any(place.start_s is not None and abs(place.start_s - second) <= _WITHIN_S for place in places)


def _homophones(backend: SearchBackend) -> tuple[int, int]:
    """Words of three or more characters, each character replaced by one that sounds like it; right ones, all."""
    if not isinstance(backend, EmbeddedBackend):
        raise TypeError(backend)
    backend.put_all(
        IndexEntry(number, 1, (PUBLIC,), f"第{number}讲", "", f"我们来讲{word}的事情", "", ())
        for number, word in enumerate(WORDS, start=1)
    )
    chance, right, asked = random.Random(5), 0, 0
    for word in [word for word in WORDS if len(word) > 2] * _TRIES:
        typed = "".join(chance.choice(sounds.sounding_like(one)) for one in word)
        if typed != word:
            asked += 1
            right += did_you_mean(backend.store, parse(typed), (PUBLIC,))[:1] == [word]
    return right, asked
