"""The two engines that are measured, each with an index of its own, and the machine that runs Elasticsearch."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from search.backends.base import SearchBackend
from search.backends.elastic import ElasticBackend
from search.backends.elastic_client import SEARCH_TIMEOUT_S, connect
from search.backends.embedded import EmbeddedBackend
from search.backends.stores import FileStore
from tests.services.elasticsearch import SearchNode
from tests.services.processes import MissingComponent

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE_S = 30.0
HEAP = "1g"
"""That of deploy/compose.yaml."""
EMBEDDED, ELASTIC = "embedded", "Elasticsearch"


@dataclass
class Machines:
    """A folder for index files and, unless it is missing, a running node."""

    folder: Path
    node: SearchNode | None

    @contextmanager
    def fresh(self, *, as_on_site: bool = False) -> Iterator[dict[str, SearchBackend]]:
        """Both engines, or the embedded one, with nothing in them; what they then hold is removed.

        Elasticsearch makes each write findable at once and has half a minute for an answer, so that a busy machine
        changes no result; `as_on_site` it does as it does for visitors.
        """
        path = self.folder / f"{uuid.uuid4().hex}.sqlite3"
        engines: dict[str, SearchBackend] = {EMBEDDED: EmbeddedBackend(FileStore(path))}
        elastic: ElasticBackend | None = None
        if self.node is not None:
            prefix, limit_s = f"bench-{uuid.uuid4().hex[:12]}", SEARCH_TIMEOUT_S if as_on_site else _PATIENCE_S
            with patch("search.backends.elastic.SEARCH_TIMEOUT_S", limit_s):
                elastic = ElasticBackend(connect([self.node.url]), prefix, immediate=not as_on_site)
            engines[ELASTIC] = elastic
            elastic.indices.ensure()
        for backend in engines.values():
            backend.prepare()
        try:
            yield engines
        finally:
            if elastic is not None:
                elastic.indices.remove_all()
            for left in self.folder.glob(f"{path.name}*"):
                left.unlink()

    def node_cpu_s(self) -> float:
        """Processor seconds of the node so far."""
        if self.node is None or self.node.process is None:
            return 0.0
        fields = Path(f"/proc/{self.node.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Start the node, if this machine has it, until the block ends."""
    (folder / "elasticsearch-node").mkdir()
    node: SearchNode | None = SearchNode(folder / "elasticsearch-node", heap=HEAP)
    try:
        node.start()  # type: ignore[union-attr]
    except MissingComponent as missing:
        print(f"  {missing}", flush=True)
        node = None
    try:
        yield Machines(folder, node)
    finally:
        if node is not None:
            node.stop()
