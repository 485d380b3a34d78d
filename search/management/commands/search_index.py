"""`manage.py search_index rebuild|status`: make the index anew, or tell whether it is whole."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.services import index_status, rebuild


class Command(BaseCommand):
    help = "重建搜索索引，或报告其状态。 Rebuild the search index, or report on it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("rebuild", "status"))
        parser.add_argument("--json", action="store_true", help="Machine-readable output.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "rebuild":
            rebuild()
        status = index_status()
        if options["json"]:
            self.stdout.write(json.dumps(status.as_dict()))
        else:
            self.stdout.write(
                f"条目 {status.documents}，片段 {status.segments}，可检索 {status.findable}，不一致 {status.wrong}"
            )
        if status.wrong:
            raise CommandError("索引与数据库不一致，请运行 search_index rebuild。 Run search_index rebuild.")
