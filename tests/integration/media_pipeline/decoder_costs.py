"""What decoding a hostile file costs, and whom it calls: for the tests of it and for their measurement."""

from __future__ import annotations

import resource
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media_pipeline.supervisor import ffmpeg_executable


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and a list that notes who connects to it."""
    callers: list[object] = []
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                callers.append(address)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], callers
        finally:
            ended.set()
            thread.join()


def children_cpu_s() -> float:
    """Processor seconds of all ended children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def clip(folder: Path, name: str, *arguments: str) -> Path:
    """A file that ffmpeg makes by hand; made once."""
    target = folder / name
    if not target.exists():
        command = [ffmpeg_executable(), "-nostdin", "-v", "error", *arguments, "-y", str(target)]
        subprocess.run(command, check=True, timeout=60)
    return target
