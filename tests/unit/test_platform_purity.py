"""The rules of the layers need neither Django nor S3: they import where both are forbidden (architecture.md §2)."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings

PURE = [
    "accounts.codes",
    "accounts.errors",
    "accounts.parameters",
    "accounts.rules",
    "config.page_cache.rules",
    "config.page_cache.store",
    "education.classroom.documents",
    "education.classroom.rules",
    "education.hours.rules",
    "education.records.fold",
    "education.records.statements",
    "education.records.times",
    "offline.canonical",
    "offline.packages.errors",
    "offline.packages.manifest",
    "offline.packages.rules",
    "offline.packages.signing",
    "offline.packages.verification",
    "offline.sync.chain",
    "offline.sync.errors",
    "offline.sync.protocol",
    "search.analysis",
    "search.highlight",
    "search.normalise",
    "search.query",
    "search.windows",
    "cms.core.sniff",
    "cms.lessons.importing",
    "cms.lessons.subtitles",
    "cms.review.rules",
]
"""The pipeline's own list is in `tests/unit/media_pipeline/test_purity.py`."""


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_imports_without_django_and_boto3(module: str) -> None:
    code = f"import sys; sys.modules['django'] = sys.modules['boto3'] = None; import {module}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, timeout=60, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
