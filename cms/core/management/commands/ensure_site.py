"""Makes the site's skeleton; harmless to run again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cms.core.bootstrap import ensure_site


class Command(BaseCommand):
    help = "建立站点骨架：首页、课程、红色资源、用户组、三审三校流程（可重复运行）"

    def handle(self, *args: Any, **options: Any) -> None:
        ensure_site()
        self.stdout.write("站点骨架已就绪。 The site's skeleton is in place.")
