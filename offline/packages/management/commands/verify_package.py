"""Check every byte of the published packages as a stranger's phone would (offline-package.md §5.3)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import PersonError
from offline.packages.verification import TreeVerifier


class Command(BaseCommand):
    """`manage.py verify_package [--dir FOLDER | --url ADDRESS] [--root 1.root.json]`; exit status 1 on damage."""

    help = "核验已发布的资源包 / verify the published packages"

    def add_arguments(self, parser: CommandParser) -> None:
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--dir", type=Path, help="a tree in a folder (default: this installation's)")
        source.add_argument("--url", help="a tree behind an address, e.g. https://host/")
        parser.add_argument("--root", type=Path, help="the trusted 1.root.json (default: this installation's)")

    def handle(self, *args: Any, **options: Any) -> None:
        own = Path(settings.PUBLIC_TREE_DIR)
        url = options["url"]
        if url is None and options["dir"] is None and "objects" in settings.STORAGES:
            # The tree lies in two places then; its address joins them.
            url = settings.WAGTAILADMIN_BASE_URL
        folder = None if url else options["dir"] or own
        root = options["root"] or (options["dir"] or own) / "tuf" / "metadata" / "1.root.json"
        started, seen = time.monotonic(), [0, 0]

        def count(name: str, length: int) -> None:
            seen[0] += 1
            seen[1] += length
            if options["verbosity"] > 1:
                self.stdout.write(f"{name} {length}")

        try:
            trusted = root.read_bytes()
        except OSError as error:
            raise CommandError(f"没有可信根文件，请用 --root 指定 / no trusted root, give --root: {root}") from error
        verifier = TreeVerifier(trusted_root=trusted, folder=folder, url=url, on_object=count)
        try:
            packages = verifier.verify()
        except PersonError as error:
            raise CommandError(f"{error.zh} / {error.en}") from error
        for package in packages:
            held = package.manifest
            self.stdout.write(f"{held.title} v{held.version}: {package.objects} objects, {package.length} bytes")
        seconds = max(time.monotonic() - started, 1e-6)
        rate = seen[1] / seconds / 1_000_000
        self.stdout.write(f"全部正确 / all right: {seen[0]} objects, {seen[1]} bytes, {rate:.0f} MB/s")
