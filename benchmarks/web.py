"""A web process of its own whose processor time can be read."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Web:
    """A running web process; one connection is kept open to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        """GET; the body has been read, its length is in `length_read`."""
        self._connection.request("GET", path, headers=headers or {})
        response = self._connection.getresponse()
        response.content = response.read()  # type: ignore[attr-defined]
        return response

    def cpu_s(self) -> float:
        """Processor seconds of the process so far, in steps of the kernel's tick (10 ms)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_mb(self) -> float:
        """Memory in use."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2

    def handles(self) -> int:
        """Open files and sockets."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def cpu_ms_each(self, path: str, headers: dict[str, str], times: int) -> float:
        """Processor milliseconds that one request costs, over `times` of them after a few for warming up."""
        for _ in range(5):
            self.get(path, headers)
        before = self.cpu_s()
        for _ in range(times):
            self.get(path, headers)
        return (self.cpu_s() - before) / times * 1000


@contextmanager
def web() -> Iterator[Web]:
    """Run the web process over the present STATE_DIR until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning", "--no-access-log"])
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield Web(process, port)
    finally:
        process.terminate()
        process.wait(20)
