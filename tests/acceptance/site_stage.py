"""A stage for the public pages: the whole web process over a small site that three reviewers let through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from starlette.types import ASGIApp

from config.serving import assemble
from tests.acceptance.player_stage import SUBTITLES, build_assets
from tests.factories import cms, people
from tests.services.web_server import WebServer, serve

LONG_TITLE = "草原、水和路：一个支部怎样带着三十二户牧民守住一条河"


@dataclass(frozen=True)
class Site:
    """A running site and the address of each kind of page; none has the language prefix."""

    server: WebServer
    pages: dict[str, str]

    def address(self, page: str, *, tibetan: bool = False) -> str:
        return f"{self.server.url}{'/bo' if tibetan else ''}{self.pages[page]}"


def _fill() -> dict[str, str]:
    """Make one page of every kind, with the longest texts that they should bear; page kind → path."""
    outline = cms.make_outline(title="两弹一星精神", summary="热爱祖国、无私奉献，自力更生、艰苦奋斗。" * 3)
    unit = cms.make_unit(outline, title="首课：草原上消失的地名", summary="讲清楚为什么地图上没有它。", role="first")
    teacher = cms.make_teacher(name="才仁（示例）", unit="海晏县委党校", introduction="讲原子城二十年。")
    with transaction.atomic():
        lesson = cms.make_lesson(
            unit,
            published=True,
            title=LONG_TITLE,
            summary="从金银滩讲起。" * 12,
            teacher=teacher,
            subtitles={"zh-hans": SUBTITLES.encode()},
            dubs=("adx",),
        )
    case = cms.make_lesson(unit, published=True, model=cms.Case, title="案例：玉树的一条路", place="玉树市")
    site = cms.make_site(
        title="原子城纪念馆", county="海晏县", latitude=Decimal("36.95"), longitude=Decimal("100.90"), altitude_m=3100
    )
    quiz = people.quiz()
    return {
        "home": "/",
        "courses": "/courses/",
        "outline": outline.url,
        "unit": unit.url,
        "lesson": lesson.url,
        "case": case.url,
        "sites": "/sites/",
        "site": site.url,
        "teachers": "/teachers/",
        "teacher": teacher.get_absolute_url(),
        "search": "/search/",
        "results": "/search/?q=%E7%8E%89%E6%A0%91",
        "no results": "/search/?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84%E8%AF%8D",
        "missing": "/courses/nothing-here/",
        "packages": "/packages/",
        "quiz": f"/quiz/{quiz.material_id}/",
        "login": "/login/",
        "join": "/join/",
        "me": "/me/",
    }


@contextmanager
def site_stage(folder: Path) -> Iterator[Site]:
    """Serve the site until the block ends. Needs a database that may be written to."""
    build_assets()
    uploads = folder / "uploads"
    uploads.mkdir()
    changed = {
        "PUBLIC_TREE_DIR": folder / "public",
        "OBJECTS_DIR": folder / "objects",
        "FILE_UPLOAD_TEMP_DIR": str(uploads),
        "STATIC_ROOT": folder / "static",
        "STORAGES": {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static_files.ManifestStorage"}},
    }
    with override_settings(**changed):
        call_command("collectstatic", interactive=False, verbosity=0)
        pages = _fill()
        with serve(assemble(cast(ASGIApp, get_asgi_application()))) as server:
            yield Site(server, pages)
