"""`make test`: every part of the suite, one after the other, and one line at the end that says how it went."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BIN = Path(sys.executable).parent

from tests.calm import LOCK as CALM  # noqa: E402 - found once the root is on the path
from tests.services.elasticsearch import SHARED_NODE, search_node  # noqa: E402 - found once the root is on the path
from tests.services.postgres import postgres  # noqa: E402

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

REAL_TIME = tuple(f"tests/acceptance/{name}" for name in ("test_journey.py", "test_player_poor_links.py"))
"""Browser tests that spend minutes watching a lecture at its own pace; the others run beside them."""
BROWSER = {
    "browser, the player": sorted(map(str, Path("tests/acceptance").glob("test_player_*.py"))),
    "browser": ["tests/acceptance", "--ignore-glob=*/test_player_*.py"],
}
"""The player first: its films are encoded before the journey watches, which would lack the processor."""

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
    with tempfile.TemporaryDirectory(prefix="gaoyuan-test-") as state:
        environment = {
            **os.environ, "STATE_DIR": state, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        for name in ("TEST_STATE_DIR", "TEST_STATE_ROOT", "TEST_STATE_DIR_OF", "PORT", "HTTPS"):
            environment.pop(name, None)
        _step(tally, "check", [sys.executable, "scripts/check.py"], environment)
        tally.add_node(_step(tally, "node", _node(), environment))
        with _search_node() as address:
            _databases(tally, {**environment, SHARED_NODE: address})
        _browsers(tally, environment)
    return _report(tally, time.monotonic() - started)


def _node() -> list[str]:
    tests = map(str, sorted(Path("web/tests").rglob("*.test.*js")))
    return [str(BIN / "node"), "--test", "--test-reporter=spec", *tests]


@contextmanager
def _search_node() -> Iterator[str]:
    """One Elasticsearch for all parts that ask for it; its address."""
    with tempfile.TemporaryDirectory(prefix="gaoyuan-elasticsearch-") as folder, search_node(Path(folder)) as node:
        yield node.url


def _databases(tally: Tally, environment: dict[str, str]) -> None:
    """Everything without a browser, on SQLite and again on PostgreSQL."""
    tally.add_pytest(_step(tally, "sqlite", _on_sqlite(), environment))
    with postgres() as cluster:
        on_cluster = {**environment, **cluster.environment()}
        tally.add_pytest(_step(tally, "postgresql", _on_postgres(), on_cluster))


def _on_sqlite() -> list[str]:
    """Everything without a browser. Its tests last from milliseconds to minutes: who has none left takes another's."""
    return [*PYTEST, "-n", "2", "--dist", "worksteal", "tests/unit", "tests/integration", "tests/conformance"]


def _on_postgres() -> list[str]:
    left_out = (f"--ignore=tests/integration/{name}" for name in NOT_ON_POSTGRES)
    settings = "--ds=config.settings.test_postgres"
    return [*PYTEST, settings, "-m", "not sqlite", "-n", "2", "tests/integration", *left_out]


def _browsers(tally: Tally, environment: dict[str, str]) -> None:
    environment = {**environment, CALM: f"{environment['STATE_DIR']}/calm.lock"}
    left_out = [f"--ignore={path}" for path in REAL_TIME]
    with ThreadPoolExecutor(1) as beside:
        watching = beside.submit(_run, [*PYTEST, *REAL_TIME], environment)
        for name, paths in BROWSER.items():
            wanted = [path for path in paths if path not in REAL_TIME]
            tally.add_pytest(_step(tally, name, [*PYTEST, *wanted, *left_out], environment))
        tally.add_pytest(_finished(tally, "browser, in real time", watching.result()))


@dataclass(frozen=True)
class Finished:
    """What a part printed, and how it ended."""

    output: str
    status: int
    seconds: float


def _step(tally: Tally, name: str, command: list[str], environment: dict[str, str]) -> str:
    """Run one part, show what it prints as it comes, and return it."""
    print(f"\n=== {name}", flush=True)
    return _closed(tally, name, _run(command, environment, show=True))


def _finished(tally: Tally, name: str, done: Finished) -> str:
    """Show a part that ran beside another one, whole."""
    print(f"\n=== {name}\n{done.output}", end="", flush=True)
    return _closed(tally, name, done)


def _run(command: list[str], environment: dict[str, str], *, show: bool = False) -> Finished:
    started = time.monotonic()
    output = []
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            if show:
                print(line, end="", flush=True)
            output.append(line)
    return Finished("".join(output), process.returncode, time.monotonic() - started)


def _closed(tally: Tally, name: str, done: Finished) -> str:
    print(f"=== {name}: {done.seconds:.0f} s", flush=True)
    if done.status:
        tally.broken_steps.append(name)
    return done.output


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
