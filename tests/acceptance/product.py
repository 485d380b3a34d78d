"""The whole product as `make run` starts it: web server and worker in one process tree, with their own state folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
START_LIMIT_S = 300.0


class ProductDidNotStart(RuntimeError):
    """The process tree ended, or gave no answer in time; the message holds its last words."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    """A running product."""

    state_dir: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.state_dir / "product.log"

    def environment(self) -> dict[str, str]:
        """What its processes see: none of pytest's own variables."""
        ours = {
            "STATE_DIR": str(self.state_dir),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        }
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PYTEST_", "TEST_", "DJANGO_")) and key not in ours
        }
        return {**kept, **ours}

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "scripts/run.py"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.3)
        self.stop()
        raise ProductDidNotStart(self.log.read_text("utf-8", "replace")[-4000:])

    def stop(self) -> None:
        """Stop all of it, as Ctrl-C does."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def manage(self, *arguments: str, script: str | None = None) -> str:
        """Run a management command beside it (`script` goes to its standard input); what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            input=script,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {done.stderr[-3000:]}")
        return done.stdout

    def ask(self, script: str) -> dict[str, object]:
        """What a script, run in the product's own Django, prints as JSON in its last line."""
        answer: dict[str, object] = json.loads(self.manage("shell", "-v", "0", "-c", script).strip().splitlines()[-1])
        return answer

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health/live/", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
