"""A site whose settings name the measured node, with indices of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from search import engine, outbox
from search.backends import elastic_chores
from search.backends.elastic_failover import FailoverBackend
from tests.services.elasticsearch import SearchNode


@contextmanager
def cluster(node: SearchNode) -> Iterator[FailoverBackend]:
    """Every commit is told to the node, as where the settings name it from the beginning."""
    named = {"ELASTICSEARCH_URLS": [node.url], "ELASTICSEARCH_PREFIX": f"bench-{uuid.uuid4().hex[:12]}"}
    with override_settings(**named):
        backend = engine.current_backend()
        if not isinstance(backend, FailoverBackend):
            raise RuntimeError(type(backend).__name__)
        outbox.announced.connect(elastic_chores.on_announced, dispatch_uid="bench")
        backend.prepare()
        backend.elastic.indices.ensure()
        try:
            yield backend
        finally:
            outbox.announced.disconnect(dispatch_uid="bench")
            backend.elastic.indices.remove_all()
