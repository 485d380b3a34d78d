"""`.ci/run` is the README's test command, in the strict form where nothing may be skipped."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from django.conf import settings


def test_the_ci_run_calls_make_test_and_tells_it_that_nothing_may_be_skipped(tmp_path: Path) -> None:
    stand_in = tmp_path / "make"
    stand_in.write_text('#!/bin/sh\necho "$*|$CI|$PWD"\n')
    stand_in.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment["PATH"] = f"{tmp_path}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        [settings.BASE_DIR / ".ci" / "run"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"test|1|{settings.BASE_DIR}"
