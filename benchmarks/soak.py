"""`make soak`: load for a long time; memory and handles must stay where they are.

SECONDS=3600 by default. Prints a line a minute and fails when the last quarter stands clearly above the first.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from statistics import mean

GROWTH = 1.2
"""The last quarter's mean may be this many times the second quarter's (the first one still warms up)."""


def main() -> int:
    """Run; 1 when memory or handles grew."""
    seconds = float(os.environ.get("SECONDS", "3600"))
    with tempfile.TemporaryDirectory(prefix="gaoyuan-soak-") as state:
        os.environ.update(STATE_DIR=state, DJANGO_SETTINGS_MODULE="config.settings.dev", LOG_LEVEL="ERROR")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        samples = _load(seconds)
    return _judge(samples)


def _load(seconds: float) -> list[tuple[float, int]]:
    from benchmarks.pages import UNCACHED
    from benchmarks.site import site
    from benchmarks.web import web

    samples: list[tuple[float, int]] = []
    addresses = list(site().addresses.values())
    with web() as server:
        started = said = time.monotonic()
        served = 0
        while time.monotonic() - started < seconds:
            for address in addresses:
                server.get(address)
                server.get(address, UNCACHED)
                served += 2
            samples.append((server.resident_mb(), server.handles()))
            if time.monotonic() - said > 60:
                said = time.monotonic()
                print(f"{served} pages, {samples[-1][0]:.0f} MB, {samples[-1][1]} handles", flush=True)
    return samples


def _judge(samples: list[tuple[float, int]]) -> int:
    quarter = max(1, len(samples) // 4)
    grown = 0
    for name, values in (("memory, MB", [s[0] for s in samples]), ("handles", [float(s[1]) for s in samples])):
        early, late = mean(values[quarter : 2 * quarter] or values), mean(values[-quarter:])
        grown |= late > early * GROWTH
        print(f"{name}: {early:.0f} → {late:.0f} {'GREW' if late > early * GROWTH else 'steady'}")
    return int(grown)


if __name__ == "__main__":
    sys.exit(main())
