"""Transcode one file by hand, without a database: the same steps as a job."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from media_pipeline.by_hand import transcode_file
from media_pipeline.errors import MediaError

_ROW = "{name:10} {size:>9} {fps:>6} {kbit_s:>8} {vmaf_mean:>6} {vmaf_p5:>6} {cpu_s:>8} {bytes:>11}  {codec}"
_HEAD = {
    "name": "rung", "size": "size", "fps": "fps", "kbit_s": "kbit/s", "vmaf_mean": "VMAF", "vmaf_p5": "p5",
    "cpu_s": "CPU s", "bytes": "bytes", "codec": "codec",
}  # fmt: skip


class Command(BaseCommand):
    """`manage.py transcode INPUT --out DIR [--json]`."""

    help = "手工转码一个文件到文件夹。 / Transcodes one file into a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add input, output folder and form of the report."""
        parser.add_argument("input", type=Path)
        parser.add_argument("--out", type=Path, required=True, help="Folder for the renditions; made if missing.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Report as JSON on standard output.")

    def handle(self, *, input: Path, out: Path, as_json: bool, **options: Any) -> None:
        """Write every rung and its index into the folder; exit status 1 with the error's code when refused."""
        try:
            report = transcode_file(input, out)
        except MediaError as error:
            if as_json:
                self.stdout.write(json.dumps(error.as_dict(), ensure_ascii=False))
            else:
                self.stderr.write(f"[{error.code}] {error.zh}\n{error.en}")
            sys.exit(1)
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        self.stdout.write(_ROW.format(**_HEAD))
        for rung in report["rungs"]:
            size = f"{rung['width']}x{rung['height']}" if rung["width"] else ""
            shown = {name: "" if value is None else value for name, value in rung.items()}
            self.stdout.write(_ROW.format(size=size, **shown))
