"""Renew what will expire in the signed repository; harmless at any time. The worker does it by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from offline.packages.errors import PackageError
from offline.packages.repository import default_publisher, refresh_timestamp


class Command(BaseCommand):
    """`manage.py tuf_refresh [--force]`, for a timer on servers without a worker."""

    help = "更新资源包仓库的时间戳 / renew the package repository's timestamp"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="renew the timestamp although it is not due")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = refresh_timestamp(force=options["force"])
            removed = default_publisher().collect_garbage()
        except PackageError as error:
            raise CommandError(f"{error.zh} / {error.en}") from error
        self.stdout.write("已更新 / renewed" if written else "尚不需要更新 / nothing was due")
        if removed:
            self.stdout.write(f"清除旧文件 / old files removed: {removed}")
