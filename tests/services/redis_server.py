"""A private Redis on a free port of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.processes import accepts, find_program, free_port, running


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run Redis until the block ends; its URL."""
    port = free_port()
    command = [find_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with running([*command, "--save", "", "--appendonly", "no"], ready=lambda: accepts(port), log=folder / "log"):
        yield f"redis://127.0.0.1:{port}/0"
