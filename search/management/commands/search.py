"""`manage.py search QUERY`: what a visitor would find."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from search.selectors import ResultPage, search_materials


class Command(BaseCommand):
    help = "搜索公开内容。 Search what everybody may read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query")
        parser.add_argument("--page", type=int, default=1)
        parser.add_argument("--json", action="store_true", help="Machine-readable output.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = search_materials(options["query"], page=options["page"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), ensure_ascii=False, default=str, indent=2))
        else:
            self._print(found)

    def _print(self, found: ResultPage) -> None:
        note = "（没有完全匹配，以下为部分匹配）" if found.relaxed else ""
        self.stdout.write(f"{found.total} 条{note}")
        for result in found.results:
            self.stdout.write(f"[{result.kind_label}] {result.title}  {result.url}")
            for segment in result.segments:
                self.stdout.write(f"    {segment.label}  {segment.url}")
