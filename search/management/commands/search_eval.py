"""`manage.py search_eval`: how well and how fast an engine finds what is known to be right."""

from __future__ import annotations

import json
import tempfile
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.errors import PersonError
from search.backends.base import EngineUnavailable, SearchBackend
from search.backends.elastic import ElasticBackend
from search.backends.elastic_client import connect
from search.backends.embedded import EmbeddedBackend
from search.backends.stores import FileStore
from search.evaluation import evaluate, read_documents, read_questions


@contextmanager
def embedded() -> Iterator[SearchBackend]:
    """An empty embedded engine in a file that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="gaoyuan-search-eval-") as folder:
        yield EmbeddedBackend(FileStore(Path(folder) / "search.sqlite3"))


@contextmanager
def elasticsearch() -> Iterator[SearchBackend]:
    """An empty engine on the cluster that the settings name, in indices that are removed afterwards."""
    if not settings.ELASTICSEARCH_URLS:
        raise CommandError("没有设置 ELASTICSEARCH_URL。\nELASTICSEARCH_URL is not set.")
    prefix = f"{settings.ELASTICSEARCH_PREFIX}-eval-{uuid.uuid4().hex[:12]}"
    client = connect(
        settings.ELASTICSEARCH_URLS,
        user=settings.ELASTICSEARCH_USER,
        password=settings.ELASTICSEARCH_PASSWORD,
        authority=settings.ELASTICSEARCH_CA,
    )
    backend = ElasticBackend(client, prefix)
    try:
        backend.clear()
        yield backend
    finally:
        backend.indices.remove_all()


ENGINES = {"embedded": embedded, "elasticsearch": elasticsearch}


class Command(BaseCommand):
    help = "用已知答案的问题测量检索。 Measure the search with questions whose right documents are known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--documents", type=Path, required=True, help='JSON lines: {"id","title","body","language"}'
        )
        parser.add_argument("--questions", type=Path, required=True, help='JSON lines: {"question","relevant":[ids]}')
        parser.add_argument("--engine", choices=tuple(ENGINES), required=True)
        parser.add_argument("--json", action="store_true", help="The last line is one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            documents = read_documents(options["documents"])
            questions = read_questions(options["questions"], {each.id for each in documents})
        except PersonError as error:
            raise CommandError(f"{error.zh}\n{error.en}") from error
        try:
            with ENGINES[options["engine"]]() as backend:
                measured = evaluate(backend, documents, questions)
        except EngineUnavailable as error:
            raise CommandError(f"检索引擎不可用。\nThe engine does not answer: {error}") from error
        if measured.unanswered:
            self.stderr.write(f"{measured.unanswered} 问没有按时得到回答 / questions had no answer in time")
        if options["json"]:
            self.stdout.write(json.dumps(measured.as_dict()))
            return
        self.stdout.write(f"{len(documents)} 篇 / documents, {len(questions)} 问 / questions")
        for name, value in measured.as_dict().items():
            self.stdout.write(f"{name:>16}  {value:.4f}")
