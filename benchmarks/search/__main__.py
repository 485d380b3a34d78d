"""`make bench-search`; see the package for what can be set."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.media.targets import Measured
    from benchmarks.search.engines import Machines

PARTS = ("leaks", "hostile", "lines", "publishing", "kill", "relevance", "speed")
"""In the order in which they run: `leaks` wants a site that has nothing yet, the others leave theirs."""
WITH_CORPUS = frozenset({"lines", "relevance", "speed"})
DOCUMENTS = 100_000


def main() -> int:
    """Measure the parts of ONLY, by default all; a part that fails does not stop the others, but the run fails."""
    named = set(filter(None, os.environ.get("ONLY", "").split(","))) or set(PARTS)
    wanted, unknown = [part for part in PARTS if part in named], named - set(PARTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}", file=sys.stderr)
        return 2
    sets, documents = os.environ.get("SETS", ""), int(os.environ.get("DOCUMENTS") or DOCUMENTS)
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_about: sys.exit(1))  # so that the node ends with this process
    with tempfile.TemporaryDirectory(prefix="gaoyuan-bench-") as state:
        os.environ.update(STATE_DIR=state, DJANGO_SETTINGS_MODULE="config.settings.dev", LOG_LEVEL="CRITICAL")
        import django

        django.setup()
        logging.getLogger("wagtail").setLevel(logging.WARNING)
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        from benchmarks.search.engines import machines
        from benchmarks.search.targets import report

        with machines(Path(state)) as running:
            found, missing = _run(wanted, Path(sets) if sets else None, documents, running)
        print(f"\n{report(found, missing)}\n\n{(time.monotonic() - started) / 60:.1f} min")
    return int(bool(missing))


def _run(
    wanted: list[str], sets: Path | None, documents: int, running: Machines
) -> tuple[list[Measured], dict[str, str]]:
    from benchmarks.search.corpus import read

    corpus = read(sets, documents)
    print(f"  {'questions of ' + str(sets) if sets else 'made-up documents and questions'}", flush=True)
    found: list[Measured] = []
    missing: dict[str, str] = {}
    for part in wanted:
        measure: Callable[..., Iterator[Measured]] = import_module(f"benchmarks.search.part_{part}").measure
        arguments = (corpus, running) if part in WITH_CORPUS else (running,)
        try:
            for item in measure(*arguments):
                print(f"  {item.line.name}: {item.line.value:.4g} {item.line.unit}", flush=True)
                found.append(item)
        except Exception as error:
            missing[part] = f"{type(error).__name__}: {error}"
            print(f"  {part}: {missing[part]}", flush=True)
    return found, missing


if __name__ == "__main__":
    raise SystemExit(main())
