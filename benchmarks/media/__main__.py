"""`make bench-media`; see the package for what can be set."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module

from benchmarks.media.targets import Measured, told

PARTS = ("films", "long", "kills", "hostile", "jobs")
SECONDS, LONG = 60, 600
"""Of each film at most; of the long lecture."""


def main() -> int:
    """Measure the parts of ONLY, by default all."""
    wanted = [part for part in os.environ.get("ONLY", "").split(",") if part] or list(PARTS)
    unknown = set(wanted) - set(PARTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}", file=sys.stderr)
        return 2
    seconds, long = (int(os.environ.get(name) or default) for name, default in (("SECONDS", SECONDS), ("LONG", LONG)))
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gaoyuan-bench-") as state:
        os.environ.update(STATE_DIR=state, DJANGO_SETTINGS_MODULE="config.settings.dev", LOG_LEVEL="ERROR")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        found: list[Measured] = []
        for part in wanted:
            measure: Callable[..., Iterator[Measured]] = import_module(f"benchmarks.media.part_{part}").measure
            arguments = {"films": (seconds,), "long": (long,)}.get(part, ())
            for item in measure(*arguments):
                print(f"  {item.line.name}: {item.line.value:.4g} {item.line.unit}", flush=True)
                found.append(item)
    print(f"\n{told(found)}\n\n{(time.monotonic() - started) / 60:.1f} min")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
