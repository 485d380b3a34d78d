"""Keywords (target 2), speed (4), indexing and a rebuild while searches go on (5): all on the whole corpus."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import cycle

from benchmarks.media.targets import Measured
from benchmarks.search.corpus import COUNTED, Corpus, store
from benchmarks.search.engines import ELASTIC, EMBEDDED, Machines
from benchmarks.search.targets import at_least, at_most
from search import highlight
from search.backends.base import MAX_HITS, EngineUnavailable, Request, SearchBackend
from search.evaluation import percentile
from search.models import SearchDocument
from search.normalise import normalise
from search.query import Query, parse
from search.services import every_entry, rebuild_index

KEYWORDS, QUESTIONS, SHOWN = 200, 200, 10
_LEAST_RECALL, _LEAST_PRECISION = 0.99, 0.99
_LEAST_A_SECOND, _MOST_REBUILD_S = 500, 300
_PAUSE_S = 0.05
_MOST_MS = {(EMBEDDED, "keyword"): 50, (EMBEDDED, "question"): 150, (ELASTIC, "keyword, 5 facets, highlights"): 150}
"""p95 (search.md §3, 4). Of the embedded engine it is processor time; of Elasticsearch, what a person waits."""


def measure(corpus: Corpus, machines: Machines) -> Iterator[Measured]:
    """Index everything once, then ask."""
    texts = store(corpus)
    total = SearchDocument.objects.count()
    with machines.fresh(as_on_site=True) as engines:
        for engine, backend in engines.items():
            started, cpu_s = time.perf_counter(), time.process_time() + machines.node_cpu_s()
            backend.put_all(every_entry())
            findable = len(backend.versions())
            rate = findable / (time.perf_counter() - started)
            spent_s = time.process_time() + machines.node_cpu_s() - cpu_s
            yield at_least(5, f"{engine}: documents indexed, of {total}", findable, "", total)
            yield at_least(5, f"{engine}: documents a second", rate, "/s", _LEAST_A_SECOND)
            yield at_least(5, f"{engine}: documents a CPU second, the node's included", findable / spent_s, "/s")
        for engine, backend in engines.items():
            yield from _keywords(engine, backend, corpus, texts)
        for engine, backend in engines.items():
            yield from _speeds(engine, backend, corpus, machines)
        for engine, backend in engines.items():
            yield from _rebuild(engine, backend, corpus, total)
    SearchDocument.objects.all().delete()


def _keywords(
    engine: str, backend: SearchBackend, corpus: Corpus, texts: Mapping[int, tuple[str, str]]
) -> Iterator[Measured]:
    """What is right is said by looking through the texts; words beyond the most hits cannot be judged."""
    recalls, precisions = [], []
    for word in corpus.keywords(KEYWORDS):
        plain = normalise(word)
        right = {number for number, (title, body) in texts.items() if plain in title or plain in body}
        if not 0 < len(right) <= MAX_HITS:
            continue
        hits: set[int] = set()
        with suppress(EngineUnavailable):
            hits = set(backend.search(Request(parse(word), ("public",))).document_ids)
        recalls.append(len(hits & right) / len(right))
        precisions.append(len(hits & right) / len(hits) if hits else 0.0)
    if not recalls:
        return
    name = f"{engine}: {len(recalls)} keywords"
    yield at_least(2, f"{name}, recall", sum(recalls) / len(recalls), "", _LEAST_RECALL)
    yield at_least(2, f"{name}, precision", sum(precisions) / len(precisions), "", _LEAST_PRECISION)


def _speeds(engine: str, backend: SearchBackend, corpus: Corpus, machines: Machines) -> Iterator[Measured]:
    words = [parse(word) for word in corpus.keywords(KEYWORDS, seed=7)]
    asked = [parse(each.question) for each in corpus.some_questions(QUESTIONS)]
    ways: dict[str, tuple[list[Query], Callable[[Query], object]]] = {
        "keyword": (words, lambda query: backend.search(Request(query, ("public",)))),
        "keyword, 5 facets, highlights": (words, lambda query: _page(backend, query)),
        "question": (asked, lambda query: backend.search(Request(query, ("public",)))),
    }
    for way, (queries, ask) in ways.items():
        cpu_ms, wall_ms, unanswered = [], [], 0
        node_s = machines.node_cpu_s()
        for query in queries:
            cpu, wall = time.process_time(), time.perf_counter()
            try:
                ask(query)
            except EngineUnavailable:
                unanswered += 1
            cpu_ms.append(1000 * (time.process_time() - cpu))
            wall_ms.append(1000 * (time.perf_counter() - wall))
        limit = _MOST_MS.get((engine, way))
        of_cpu, of_wall = (limit, None) if engine == EMBEDDED else (None, limit)
        yield at_most(4, f"{engine}: {way}, CPU p50", percentile(cpu_ms, 50), "ms")
        yield at_most(4, f"{engine}: {way}, CPU p95", percentile(cpu_ms, 95), "ms", of_cpu)
        yield at_most(4, f"{engine}: {way}, wall p50", percentile(wall_ms, 50), "ms")
        yield at_most(4, f"{engine}: {way}, wall p95", percentile(wall_ms, 95), "ms", of_wall)
        if engine == ELASTIC:
            yield at_most(4, f"{engine}: {way}, without an answer in time, of {len(queries)}", unanswered, "", 0)
            node_ms = 1000 * (machines.node_cpu_s() - node_s) / len(queries)
            yield at_most(4, f"{engine}: {way}, CPU of the node, mean", node_ms, "ms")


def _page(backend: SearchBackend, query: Query) -> None:
    """What a page of results needs: hits, counts, marked titles and summaries, places in lectures."""
    hits = backend.search(Request(query, ("public",), count=COUNTED))
    shown = hits.document_ids[:SHOWN]
    for document in SearchDocument.objects.in_bulk(shown).values():
        highlight.mark(document.title, highlight.find(document.title, query))
        highlight.snippet(document.body, query)
    backend.segments(query, shown, relaxed=hits.relaxed)


def _rebuild(engine: str, backend: SearchBackend, corpus: Corpus, total: int) -> Iterator[Measured]:
    """Make the index anew while somebody asks for words that are there."""
    words = [parse(word) for word in corpus.keywords(20)]
    words = [query for query in words if _finds(backend, query)]
    done, asked, failed = threading.Event(), 0, 0

    def ask() -> None:
        nonlocal asked, failed
        for query in cycle(words):
            if done.is_set():
                return
            asked += 1
            failed += not _finds(backend, query)
            time.sleep(_PAUSE_S)

    asking = threading.Thread(target=ask)
    asking.start()
    started = time.perf_counter()
    try:
        made = rebuild_index(backend)
        seconds = time.perf_counter() - started
    finally:
        done.set()
        asking.join()
    if made != total:
        raise RuntimeError(f"{made} of {total} documents")
    yield at_most(5, f"{engine}: rebuild of 100,000, from {total}", seconds * 100_000 / total, "s", _MOST_REBUILD_S)
    yield at_most(5, f"{engine}: failed of {asked} searches meanwhile", failed, "", 0)


def _finds(backend: SearchBackend, query: Query) -> bool:
    with suppress(EngineUnavailable):
        return bool(backend.search(Request(query, ("public",))).document_ids)
    return False
