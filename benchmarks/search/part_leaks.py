"""Random sites, rights and restrictions (target 8): what engines give away against what Wagtail itself allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from benchmarks.media.targets import Measured
from benchmarks.search.engines import Machines
from benchmarks.search.targets import at_least, at_most
from search import engine as engines
from search.access import tokens_of, visible_documents
from search.backends.base import FACETS, Request, SearchBackend
from search.entries import entries_of
from search.models import SearchDocument
from search.query import parse
from search.selectors import search_materials
from search.suggestions.complete import complete
from search.suggestions.correct import did_you_mean
from tests.integration.search.test_search_access import WORD, World, expected_counts, may_see

SEEDS = range(100, 110)
_SOUNDS_LIKE = "街羔"


class _Tally:
    """What was checked, and what was wrong of it."""

    def __init__(self) -> None:
        self.checked = self.leaked = self.hidden = self.counts = self.suggested = self.shown = 0

    def look(self, world: World, backend: SearchBackend) -> None:
        """Compare everything that each person can learn."""
        documents = list(SearchDocument.objects.filter(title__startswith=WORD))
        backend.clear()
        backend.put_all(entries_of([document.pk for document in documents]))
        for user in world.users:
            self._one(user, documents, backend)

    def _one(self, user: Any, documents: Sequence[SearchDocument], backend: SearchBackend) -> None:
        right = {document.pk for document in documents if may_see(user, document)}
        hits = backend.search(Request(parse(WORD), tokens_of(user), count=FACETS))
        visible = {document.pk for document in visible_documents(list(documents), user)}
        self.checked += len(documents)
        self.leaked += len(set(hits.document_ids) - right) + len(visible - right)
        self.hidden += len(right - set(hits.document_ids))
        allowed = [document for document in documents if document.pk in right]
        self.counts += hits.facets["kind"] != expected_counts(allowed)
        with engines.only(backend):
            page = search_materials(WORD, user=user, page_size=1_000)
        addresses = {document.url for document in documents if document.pk in right}
        self.shown += sum(result.url not in addresses for result in page.results)
        store = engines.side_store()
        public = {each.title for each in documents if not each.is_draft and "public" in each.access_tokens}
        self.suggested += sum(not any(text in title for title in public) for text in complete(store, WORD))
        self.suggested += bool(did_you_mean(store, parse(_SOUNDS_LIKE), tokens_of(user))) and not right


def measure(machines: Machines) -> Iterator[Measured]:
    """Each site once as it is made and once after changes; nothing of it stays."""
    with machines.fresh() as both:
        for engine, backend in both.items():
            tally = _Tally()
            for seed in SEEDS:
                with transaction.atomic():
                    world = World(seed)
                    tally.look(world, backend)
                    world.change()
                    tally.look(world, backend)
                    transaction.set_rollback(True)
            yield at_least(8, f"{engine}: pairs of a person and a document", tally.checked, "")
            yield at_most(8, f"{engine}: found or readable, though not allowed", tally.leaked, "", 0)
            yield at_most(8, f"{engine}: shown or marked on a page, though not allowed", tally.shown, "", 0)
            yield at_most(8, f"{engine}: wrong counts", tally.counts, "", 0)
            yield at_most(8, f"{engine}: suggested, though not allowed", tally.suggested, "", 0)
            yield at_most(8, f"{engine}: allowed, though not found", tally.hidden, "", 0)
