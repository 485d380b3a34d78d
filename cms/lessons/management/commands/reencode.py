"""Queues a re-encode of every uploaded recording whose newest job is of an older ladder."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cms.lessons.videos import rows
from media_pipeline import reencoding
from media_pipeline.presets import PRESET_VERSION


class Command(BaseCommand):
    """`manage.py reencode [--dry-run] [--only-failed] [--stop]`."""

    help = "按当前转码方案在后台重新转码旧方案的视频；新版本核验完成之前，旧版本照常提供。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只列出，不排队 / list only, queue nothing")
        parser.add_argument("--only-failed", action="store_true", help="只处理转码失败的 / only those that failed")
        parser.add_argument("--stop", action="store_true", help="取消还没开始的 / drop those not started")

    def handle(self, *, dry_run: bool, only_failed: bool, stop: bool, **options: Any) -> None:
        if stop:
            self.stdout.write(f"已取消 {reencoding.stop_all()} 个还没开始的重新转码。")
            return
        sources = rows.used_sources()
        if dry_run:
            found = reencoding.wants(sources, only_failed=only_failed)
            for source, job, _want in found:
                self.stdout.write(f"{source}：{job.preset_version} {job.get_state_display()} → {PRESET_VERSION}")
            self.stdout.write(f"共 {len(found)} 个视频要重新转码。")
            return
        queued = reencoding.request_all(sources, only_failed=only_failed)
        self.stdout.write(f"已排队 {queued.total()} 个；还剩 {reencoding.queue().left} 个。")
