"""The rules of the pipeline need neither Django nor S3: they import where both are forbidden."""

import subprocess
import sys

import pytest
from django.conf import settings

PURE = [
    "assembly", "commands", "completeness", "containers", "cuts", "errors", "facts", "fmp4", "fragments", "hls",
    "leases", "pauses", "plan", "presets", "samples", "segments", "sound_commands", "tiles", "verify",
]  # fmt: skip


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_imports_without_django_and_boto3(module: str) -> None:
    code = f"import sys; sys.modules['django'] = sys.modules['boto3'] = None; import media_pipeline.{module}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=settings.BASE_DIR, timeout=60)
