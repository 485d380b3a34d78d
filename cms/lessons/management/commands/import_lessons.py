"""Imports a folder of recordings described by its lessons.csv, as drafts that wait for their review."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from accounts.errors import PersonError
from cms.lessons import import_service
from cms.lessons.importing import NoCsv


class Command(BaseCommand):
    """`manage.py import_lessons FOLDER --user NAME [--dry-run]`."""

    help = "导入一个文件夹里的视频和 lessons.csv（可重复运行；坏行逐行报告，好行照常导入）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入 / check only, write nothing")
        parser.add_argument("--user", default="", help="记为哪个账号编写（必填） / the account that becomes the author")

    def handle(self, *, folder: Path, dry_run: bool, user: str, **options: Any) -> None:
        if not user:
            # Whoever brings a lesson in may not review it (domain.md §2): nobody's drafts could be passed by anybody.
            raise CommandError(
                "请用 --user 账号名 写明由谁导入：他是这些课的作者，不能再审这些课。 / "
                "Say with --user NAME who imports: that account is the author and may not review these lessons."
            )
        author = get_user_model().objects.filter(username=user, is_active=True).first()
        if author is None:
            raise CommandError(f"没有账号“{user}”。 / There is no account “{user}”.")
        try:
            if not folder.is_dir():
                raise NoCsv(folder=folder)
            result = import_service.import_folder(folder, author=author, dry_run=dry_run, report=self._report)
        except PersonError as error:
            raise CommandError(f"{error.zh} / {error.en}") from error
        for problem in result.problems:
            self.stderr.write(f"✗ {problem.zh} / {problem.en}")
        verb = "将导入" if dry_run else "已导入"
        self.stdout.write(
            f"{verb} {result.created} 课，更新 {result.updated} 课，未变 {result.unchanged} 课，"
            f"有问题 {len(result.problems)} 行。"
        )
        if result.problems:
            raise CommandError(
                "有些行没有导入，见上。改好后再运行一次即可。 / Some rows were not imported; fix and run again."
            )

    def _report(self, line: int, title: str, outcome: str) -> None:
        self.stdout.write(f"✓ 第 {line} 行《{title}》：{outcome}")
