"""Collect stored objects that nobody refers to."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from media_pipeline.garbage import LEAST_GRACE_S, collect
from media_pipeline.objects import default_store
from media_pipeline.objects_s3 import remove_upload_debris
from media_pipeline.publication import default_tree


class Command(BaseCommand):
    """`manage.py collect_objects [--delete] [--older-than HOURS]`; with `--delete` run it daily: it takes two runs."""

    help = "清理无人引用的对象，不加 --delete 只列出。 / Collects unreferenced objects; only lists without --delete."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add whether to act and how old an object must be."""
        parser.add_argument("--delete", action="store_true", help="Lay aside what is found, delete what lay aside.")
        parser.add_argument(
            "--older-than", type=float, default=48.0, metavar="HOURS", help="Age, and time aside, at least (48)."
        )

    def handle(self, *, delete: bool, older_than: float, verbosity: int, **options: Any) -> None:
        """Print how many objects were found; exit status 1 when a layer can't tell what it refers to."""
        grace_s = older_than * 3600
        if grace_s < LEAST_GRACE_S:
            raise CommandError(f"--older-than 不能小于 1 小时 / must be at least {LEAST_GRACE_S // 3600} h")
        store, tree = default_store(), default_tree()
        try:
            found = collect(store, public=lambda: set(tree.hashes()), now=time.time(), grace_s=grace_s, delete=delete)
            uploads = remove_upload_debris() if delete else 0
        except Exception as error:
            # Whatever it is: what cannot be told apart from garbage is kept.
            raise CommandError(f"没有清理任何对象 / nothing was collected: {type(error).__name__}: {error}") from error
        words = "已" if delete else "将"
        self.stdout.write(f"{words}移入待删 / laid aside: {len(found.discarded)}")
        self.stdout.write(f"{words}删除 / deleted: {len(found.deleted)}")
        self.stdout.write(f"{words}恢复 / brought back: {len(found.restored)}")
        self.stdout.write(f"中断的上传 / cut uploads removed: {uploads}")
        if verbosity > 1:
            for what in ("discarded", "deleted", "restored"):
                for sha256 in sorted(getattr(found, what)):
                    self.stdout.write(f"{what} {sha256}")
