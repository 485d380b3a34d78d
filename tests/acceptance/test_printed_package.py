"""The card and the roster of a full package as a browser prints them: one page each, of the paper that they name."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from education.members.card_address import qr_picture
from offline.packages.print_views import LESSONS_ON_PAPER, ROSTER_ROWS
from tests.acceptance.browser import chromium

ADDRESS = "https://classroom.example.cn/packages/6d8f0c52-4b4e-4f6c-9a54-632726632726/"
A5, A4 = (420, 595), (595, 842)
"""Points."""


def page_of(name: str) -> str:
    """The page with its sheets of style inside, so that no server is needed."""
    package = SimpleNamespace(
        package_id=uuid.UUID(int=1),
        title="曲麻莱县农牧民党员冬春训资源包（第一批）",
        campaign="曲麻莱县农牧民党员冬春训",
        organisation_name="中共曲麻莱县委员会",
        lessons=99,
        minutes=180,
        length=300_000_000,
        published=datetime(2026, 11, 27, tzinfo=ZoneInfo("Asia/Shanghai")),
    )
    context = {
        "package": package,
        "lessons": [
            SimpleNamespace(title=f"第{n}课：守好中华水塔，讲清青海的“三个最大”和每一户能做的事")
            for n in range(LESSONS_ON_PAPER)
        ],
        "left_out": 85,
        "quizzes": [SimpleNamespace(title="冬春训看图答题")],
        "address": ADDRESS,
        "qr": qr_picture(ADDRESS),
        "rows": ROSTER_ROWS,
    }
    sheets = "".join(
        Path(str(finders.find(sheet))).read_text("utf-8") for sheet in ("accounts/card.css", "packages/paper.css")
    )
    page = re.sub(r"<link[^>]*>|<script.*?</script>", "", render_to_string(f"packages/{name}.html", context))
    return page.replace("</head>", f"<style>{sheets}</style></head>")


@pytest.mark.parametrize(("name", "size"), [("card", A5), ("roster", A4)])
def test_a_full_package_prints_on_one_page(name: str, size: tuple[int, int]) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(page_of(name))
        printed = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [(round(float(width)), round(float(height))) for width, height in boxes] == [size]
