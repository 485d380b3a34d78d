"""The A5 card and the blank roster of a package: whole pages without a script, a name or anything inline."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from education.members.card_address import qr_picture
from offline.packages import print_views, services
from offline.packages.models import PackageBuild
from tests.factories import offline as factory
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def built():
    package = factory.package(factory.lesson(title="羔羊接生"), factory.lesson(title="草原防火"), quiz=people.quiz())
    build = services.request_build(package, dispatch=lambda build_id: None)
    services.run_build(build.pk)
    return PackageBuild.objects.select_related("package__quiz").get(pk=build.pk)


def printed(built: PackageBuild, name: str, client: Client | None = None, prefix: str = "") -> str:
    address = f"{prefix}/packages/{built.package.package_id}/{name}/"
    response = (client or Client()).get(address, headers={"host": "classroom.example.cn"})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture(autouse=True)
def _host(settings):
    settings.ALLOWED_HOSTS = ["classroom.example.cn", "testserver"]
    settings.WAGTAILADMIN_BASE_URL = "https://classroom.example.cn"


def test_the_card_says_what_is_inside_as_of_when_and_leads_to_the_package_by_its_picture(built):
    page = printed(built, "card")
    address = f"https://classroom.example.cn/packages/{built.package.package_id}/"
    assert address in page
    assert str(qr_picture(address)) in page
    text = html.unescape(page)
    for said in (built.title, "羔羊接生", "草原防火", built.package.quiz.title, "资源包卡片", "ཁུག་མའི་བྱང་བུ།"):
        assert said in text
    assert f"内容截至 {built.published_at:%Y-}" in text


def test_a_long_package_fits_one_page_by_naming_some_lessons_and_counting_the_rest(built, monkeypatch):
    monkeypatch.setattr(print_views, "LESSONS_ON_PAPER", 1)
    text = printed(built, "card")
    assert "羔羊接生" in text and "草原防火" not in text
    assert "还有 1 节课。" in text


def test_the_roster_is_empty_and_names_nobody_whoever_prints_it(built):
    member = Client()
    member.force_login(people.member(name="格日措").user)
    for name in ("card", "roster"):
        assert printed(built, name, member) == printed(built, name)
        assert "格日措" not in printed(built, name, member)
    page = printed(built, "roster")
    rows = re.findall(r"<tr><td>(\d+)</td><td></td><td></td></tr>", page)
    assert rows == [str(number) for number in print_views.ROSTER_ROWS]
    assert "集体学习签到表" in page and "མཉམ་འདུས་སློབ་སྦྱོང་གི་མིང་ཐོའི་རེའུ་མིག" in page


@pytest.mark.parametrize("prefix", ["", "/bo"])
@pytest.mark.parametrize("name", ["card", "roster"])
def test_nothing_is_inline_and_the_page_is_small(built, name, prefix):
    page = printed(built, name, prefix=prefix)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert len(page.encode()) < 14_000
    assert page.count("<th scope") == page.count("</th>")


def test_the_papers_are_a5_and_a4():
    for sheet, size in (("accounts/card.css", "A5 portrait"), ("packages/paper.css", "A4 portrait")):
        assert f"size: {size}" in Path(finders.find(sheet)).read_text("utf-8")


def test_the_page_of_the_package_links_to_both_outside_of_what_the_script_replaces(built):
    page = Client().get(f"/packages/{built.package.package_id}/").content.decode()
    after = page.split('id="on-paper"')[1]
    for name in ("card", "roster"):
        assert f'href="/packages/{built.package.package_id}/{name}/"' in after
    replaced = (settings.BASE_DIR / "web" / "templates" / "packages" / "package.html").read_text("utf-8")
    assert replaced.index("\n</div>") < replaced.index('id="on-paper"')


def test_an_unknown_package_has_neither():
    for name in ("card", "roster"):
        assert Client().get(f"/packages/00000000-0000-4000-8000-000000000000/{name}/").status_code == 404
