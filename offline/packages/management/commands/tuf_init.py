"""Make the signing keys and the empty signed repository, or renew the root."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from offline.packages.errors import PackageError
from offline.packages.repository import default_publisher


class Command(BaseCommand):
    """`manage.py tuf_init [--renew-root]`; the embedded server does the first part by itself on first use."""

    help = "建立资源包的签名密钥和空仓库 / make the signing keys and the empty package repository"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--renew-root", action="store_true", help="sign the next version of the root; needs the root keys here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        publisher = default_publisher()
        try:
            made = publisher.initialise()
            if options["renew_root"]:
                self.stdout.write(f"root version {publisher.renew_root()}")
        except PackageError as error:
            raise CommandError(f"{error.zh} / {error.en}") from error
        self.stdout.write("已建立 / made" if made else "已存在，没有改动 / was there, nothing changed")
        self.stdout.write(f"密钥 / keys: {publisher.keys.folder}\n元数据 / metadata: {publisher.metadata_dir}")
