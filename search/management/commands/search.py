"""`manage.py search QUERY`: what a visitor would find. `search rebuild|status|reconcile`: the index itself.

A query that is one of these three words is written with a space: `search " status"`.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import engine, services
from search.backends.base import EngineUnavailable, RebuildFailed
from search.selectors import ResultPage, search_materials
from search.status import IndexStatus, index_status


class Command(BaseCommand):
    help = (
        "搜索公开内容；或 rebuild 重建、status 查看、reconcile 核对索引。 "
        "Search what everybody may read; or rebuild, look at (status) or compare (reconcile) the index."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", metavar="QUERY|rebuild|status|reconcile")
        parser.add_argument("--page", type=int, default=1)
        parser.add_argument("--json", action="store_true", help="Machine-readable output.")
        parser.add_argument(
            "--engine", choices=(engine.EMBEDDED, engine.ELASTICSEARCH), help="This engine alone, not the settings'."
        )
        parser.add_argument(
            "--index-only", action="store_true", help="rebuild: from the stored documents, without reading the site."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "rebuild": self._rebuild,
            "status": self._status,
            "reconcile": self._reconcile,
        }
        if options["engine"] == engine.ELASTICSEARCH and not engine.uses_elasticsearch():
            raise CommandError("没有配置 ELASTICSEARCH_URL。 ELASTICSEARCH_URL is not set.")
        try:
            actions.get(options["query"], self._search)(options)
        except RebuildFailed as error:
            raise CommandError(
                "没有重建，原来的索引仍在使用，请稍后再试。 Not rebuilt; the index before goes on being read: "
                f"{type(error).__name__} {error}"
            ) from error
        except EngineUnavailable as error:
            raise CommandError(f"检索引擎没有应答。 The search engine does not answer: {error}") from error

    def _search(self, options: dict[str, Any]) -> None:
        with engine.only(engine.backends(options["engine"])[0]) if options["engine"] else nullcontext():
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

    def _rebuild(self, options: dict[str, Any]) -> None:
        if not options["index_only"]:
            services.refresh_documents()
        for backend in engine.backends(options["engine"]):
            services.rebuild_index(backend)
        self._status(options)

    def _reconcile(self, options: dict[str, Any]) -> None:
        mended = services.reconcile(engine.backends(options["engine"]))
        self.stderr.write(f"修正 {mended} 条。 {mended} mended.")
        self._status(options)

    def _status(self, options: dict[str, Any]) -> None:
        names = [options["engine"]] if options["engine"] else list(engine.all_backends())
        states = {name: index_status(engine.backends(name)[0]) for name in names}
        if options["json"]:
            first = next(iter(states.values())).as_dict()
            told = {**first, "engines": {name: state.as_dict() for name, state in states.items()}}
            self.stdout.write(json.dumps(told, default=str))
        else:
            for name, state in states.items():
                self.stdout.write(f"{name}：{_in_words(state)}")
        if any(state.wrong or state.error for state in states.values()):
            raise CommandError("索引与数据库不一致，请运行 search reconcile。 Run search reconcile.")


def _in_words(state: IndexStatus) -> str:
    words = f"条目 {state.documents}，片段 {state.segments}，可检索 {state.findable}，不一致 {state.wrong}"
    if state.waiting:
        words += f"，待同步 {state.waiting}（自 {state.waiting_since:%Y-%m-%d %H:%M} UTC）"
    if state.files:
        words += "，附件 " + "、".join(f"{name} {count}" for name, count in sorted(state.files.items()))
    return words + (f"；{state.error}" if state.error else "")
