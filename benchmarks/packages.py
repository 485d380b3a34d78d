"""How fast a package is built, against how fast this machine can hash at all."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator

from django.db import transaction

from benchmarks.table import Line
from offline.packages.models import PackageBuild
from offline.packages.services import request_build, run_build
from tests.factories import offline

LESSONS = 4
SCALE = 500
"""How many times the size of a test's objects: some 45 MB a lesson."""

SHARE_OF_SHA256 = 0.8
"""At least: what offline.md §7 asks of verification, which is the work of a build."""


def measure() -> Iterator[Line]:
    """Build one package of large objects; its bytes a second as a share of SHA-256's."""
    package = offline.package(*(offline.lesson(scale=SCALE) for _ in range(LESSONS)))
    with transaction.atomic():
        build = request_build(package, dispatch=lambda build_id: None)
    started = time.perf_counter()
    outcome = run_build(build.pk)
    seconds = time.perf_counter() - started
    assert outcome == "published", outcome
    build.refresh_from_db()
    megabytes = build.total_length / 1e6
    hashing = _sha256_mb_s()
    yield Line("package build", megabytes / seconds, "MB/s")
    yield Line("SHA-256 on this machine", hashing, "MB/s")
    yield Line("package build ÷ SHA-256", megabytes / seconds / hashing, "", SHARE_OF_SHA256, is_floor=True)
    yield Line("package built: size", megabytes, "MB")
    assert PackageBuild.objects.filter(pk=build.pk).exists()


def _sha256_mb_s() -> float:
    data = os.urandom(32 * 1024 * 1024)
    started = time.perf_counter()
    for _ in range(4):
        hashlib.sha256(data).digest()
    return 4 * len(data) / 1e6 / (time.perf_counter() - started)
