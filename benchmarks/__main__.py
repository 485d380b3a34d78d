"""`make bench`: build a small site in a temporary folder, measure, print the table.

`make bench ONLY=pages` measures one part: pages, publishing, pipeline, packages, records.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module

from benchmarks.table import Line, show

PARTS = ("pages", "publishing", "pipeline", "packages", "records")


def main(arguments: list[str]) -> int:
    """Measure the parts named, by default all."""
    unknown = set(arguments) - set(PARTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="gaoyuan-bench-") as state:
        os.environ.update(STATE_DIR=state, DJANGO_SETTINGS_MODULE="config.settings.dev", LOG_LEVEL="ERROR")
        import django

        django.setup()
        from django.core.management import call_command

        print("preparing a site …", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
        lines: list[Line] = []
        for name in arguments or PARTS:
            measure: Callable[[], Iterator[Line]] = import_module(f"benchmarks.{name}").measure
            for line in measure():
                print(f"  {line.name}: {line.value:.4g} {line.unit}", flush=True)
                lines.append(line)
    print(f"\n{show(lines)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
