"""Starting a real server for tests and stopping it whatever happens."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


class MissingComponent(Exception):
    """A program that the tests need is not installed."""


def find_program(name: str, *places: str) -> str:
    """The program's path; `make test` installs every one that is asked for here."""
    found = shutil.which(name) or next((place for place in places if Path(place).exists()), None)
    if found is None:
        raise MissingComponent(f"{name} is not installed: run `make test`, which installs it")
    return found


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: list[str], *, ready: Callable[[], bool], log: Path, env: dict[str, str] | None = None, within_s: float = 30
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; `RuntimeError` with its log when it does not get ready in time."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})}, start_new_session=True
        )
    try:
        deadline = time.monotonic() + within_s
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
            process.wait()


class KillableServer:
    """A server over a folder, that can be killed and started again on the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running: ExitStack | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def _run(self, command: list[str], *, ready: Callable[[], bool], env: dict[str, str], within_s: float = 30) -> None:
        """Run it, and come back when it is ready."""
        self._running = ExitStack()
        log = self._folder / "log"
        self.process = self._running.enter_context(running(command, ready=ready, log=log, env=env, within_s=within_s))

    def kill(self) -> None:
        """As a power cut would end it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self._running is not None:
            self._running.close()
