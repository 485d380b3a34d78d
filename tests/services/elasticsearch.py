"""A real Elasticsearch 8.19 on a free port of this machine (deploy/elasticsearch)."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from tests.services.processes import KillableServer, MissingComponent

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 120
SMALL_HEAP = "512m"
"""Enough for what tests look through."""
SHARED_NODE = "TEST_ELASTICSEARCH_URL"
"""Where scripts/test.py tells its children which node is up, so that not each of them starts one."""


class SearchNode(KillableServer):
    """A node over a folder, that can be killed and started again on the same address."""

    def __init__(self, folder: Path, *, heap: str = SMALL_HEAP) -> None:
        super().__init__(folder)
        self._heap = heap
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Run it, and come back when it answers."""
        if not (ROOT / ".venv" / "elasticsearch" / "lib").is_dir():
            raise MissingComponent("Elasticsearch is not there: run `make test`, which puts it together")
        environment = {"STATE_DIR": str(self._folder), "SEARCH_PORT": str(self._port), "SEARCH_HEAP": self._heap}
        command = [str(ROOT / "scripts" / "search_node.sh")]
        self._run(command, ready=self._answers, env=environment, within_s=START_TIMEOUT_S)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=10):
                return True
        except (URLError, OSError):
            return False


@contextmanager
def search_node(folder: Path) -> Iterator[SearchNode]:
    """Run a node of one's own until the block ends."""
    node = SearchNode(folder)
    node.start()
    try:
        yield node
    finally:
        node.stop()


@contextmanager
def shared_search_node(folder: Path) -> Iterator[str]:
    """The address of the node that is up for the whole run of tests, or of one started now."""
    if url := os.environ.get(SHARED_NODE):
        yield url
        return
    with search_node(folder) as node:
        yield node.url
