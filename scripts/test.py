"""`make test`: every part of the suite, one after the other, and one line at the end that says how it went."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BIN = Path(sys.executable).parent

from tests.services.postgres import postgres  # noqa: E402 - found once the root is on the path

PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=10"]
NOT_ON_POSTGRES = (
    "media_pipeline",
    "demo",
    "test_platform_nginx.py",
    "test_platform_production.py",
    "test_platform_public_files.py",
    "test_platform_run.py",
    "test_platform_s3.py",
    "test_platform_slow_clients.py",
)
"""Integration tests whose subject is not the database, or that start a database themselves.

All others must hold on PostgreSQL as on SQLite; the mark `sqlite` says what is about SQLite itself.
"""

OUTCOME = re.compile(r"(\d+) (passed|failed|error|errors|skipped)\b")
NODE_OUTCOME = re.compile(r"^(?:ℹ|#) (pass|fail|skipped|cancelled) (\d+)$", re.MULTILINE)


@dataclass
class Tally:
    """How many tests went how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken_steps: list[str] = field(default_factory=list)

    def add_pytest(self, output: str) -> None:
        """Count pytest's last line."""
        lines = [line for line in output.splitlines() if OUTCOME.search(line) and " in " in line]
        for number, word in OUTCOME.findall(lines[-1]) if lines else ():
            self._add("failed" if word.startswith(("error", "failed")) else word, int(number))

    def add_node(self, output: str) -> None:
        """Count the summary of node's test runner."""
        words = {"pass": "passed", "fail": "failed", "cancelled": "failed", "skipped": "skipped"}
        for word, number in NODE_OUTCOME.findall(output):
            self._add(words[word], int(number))

    def _add(self, word: str, number: int) -> None:
        setattr(self, word, getattr(self, word) + number)


def main() -> int:
    """Run all; 1 when anything failed, was skipped or could not run."""
    os.chdir(ROOT)
    tally = Tally()
    started = time.monotonic()
    with ExitStack() as stack:
        state = stack.enter_context(tempfile.TemporaryDirectory(prefix="gaoyuan-test-"))
        environment = {
            **os.environ, "STATE_DIR": state, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        for name in ("TEST_STATE_DIR", "TEST_STATE_ROOT", "TEST_STATE_DIR_OF", "PORT", "HTTPS"):
            environment.pop(name, None)
        _step(tally, "check", [sys.executable, "scripts/check.py"], environment)
        node = [
            str(BIN / "node"),
            "--test",
            "--test-reporter=spec",
            *map(str, sorted(Path("web/tests").rglob("*.test.*js"))),
        ]
        tally.add_node(_step(tally, "node", node, environment))
        fast = [*PYTEST, "-n", "2", "tests/unit", "tests/integration", "tests/conformance"]
        tally.add_pytest(_step(tally, "sqlite", fast, environment))
        cluster = stack.enter_context(postgres())
        on_postgres = [
            *PYTEST,
            "--ds=config.settings.test_postgres",
            "-m",
            "not sqlite",
            "-n",
            "2",
            "tests/integration",
        ]
        on_postgres += [f"--ignore=tests/integration/{name}" for name in NOT_ON_POSTGRES]
        tally.add_pytest(_step(tally, "postgresql", on_postgres, {**environment, **cluster.environment()}))
        tally.add_pytest(_step(tally, "browser", [*PYTEST, "tests/acceptance"], environment))
    return _report(tally, time.monotonic() - started)


def _step(tally: Tally, name: str, command: list[str], environment: dict[str, str]) -> str:
    """Run one part, show what it prints as it comes, and return it."""
    print(f"\n=== {name}", flush=True)
    started = time.monotonic()
    output = []
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            output.append(line)
    print(f"=== {name}: {time.monotonic() - started:.0f} s", flush=True)
    if process.returncode:
        tally.broken_steps.append(name)
    return "".join(output)


def _report(tally: Tally, seconds: float) -> int:
    if tally.broken_steps:
        print(f"\nnot passed: {', '.join(tally.broken_steps)}")
    if tally.skipped and os.environ.get("CI"):
        print("\na test was skipped: in CI every component is there, so nothing may be skipped")
    print(f"\n{seconds / 60:.1f} minutes")
    failed = max(tally.failed, len(tally.broken_steps))
    print(f"total: {tally.passed} passed, {failed} failed" + (f", {tally.skipped} skipped" if tally.skipped else ""))
    return 1 if failed or (tally.skipped and os.environ.get("CI")) else 0


if __name__ == "__main__":
    raise SystemExit(main())
