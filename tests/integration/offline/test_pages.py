"""Package pages and addresses as a browser without JavaScript and as a program see them."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.test import Client
from tuf.api.metadata import Metadata

from cms.lessons.models import Lesson
from offline.packages import services
from offline.packages.models import PackageBuild
from search.selectors import search_materials
from search.services import rebuild
from tests.factories import offline as factory
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def built():
    """A package of a lesson and a case with a quiz, built."""
    package = factory.package(
        factory.lesson(title="羔羊接生"), factory.lesson(title="草原防火", case=True), quiz=people.quiz()
    )
    build = services.request_build(package, dispatch=lambda build_id: None)
    services.run_build(build.pk)
    return PackageBuild.objects.select_related("package__campaign__organisation", "package__quiz").get(pk=build.pk)


def embedded(page: str, element: str):
    """A JSON script of a page."""
    return json.loads(re.search(rf'<script[^>]*id="{element}"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_the_list_of_packages_is_public_and_names_the_target(built):
    response = Client().get("/api/v1/packages/")
    [package] = response.json()["packages"]
    organisation = built.package.campaign.organisation
    assert package["target"] == f"pkg/{organisation.code}/{built.package.package_id}.json"
    assert (package["version"], package["minutes"], package["lessons"]) == (1, 24, 2)
    assert package["length"] == built.sizes["small"] == package["sizes"]["small"]
    assert set(package) == {
        "package_id", "title", "campaign", "organisation", "target", "version", "length", "sizes", "minutes",
        "lessons", "published",
    }  # fmt: skip


def test_without_packages_the_list_is_empty_and_the_page_says_so():
    assert Client().get("/api/v1/packages/").json() == {"packages": []}
    assert Client().get("/packages/").status_code == 200


def test_an_unknown_package_lesson_or_quiz_is_a_page_that_says_what_to_do(built):
    nobody = "00000000-0000-4000-8000-000000000000"
    package = built.package.package_id
    for address in (
        f"{nobody}/",
        f"{package}/lessons/{nobody}/",
        f"{package}/quiz/{nobody}/",
        f"{nobody}/quiz/{nobody}/",
    ):
        response = Client().get(f"/packages/{address}")
        assert response.status_code == 404
        assert "资源包" in response.content.decode()


def test_the_pages_carry_the_beginning_of_trust(built):
    for address in ("/packages/", f"/packages/{built.package.package_id}/", "/packages/shell/"):
        root = embedded(Client().get(address).content.decode(), "trusted-root")
        assert Metadata.from_dict(root).signed.version == 1


def test_the_shell_holds_nothing_of_the_person_who_fetched_it(built):
    stranger = Client().get("/packages/shell/").content
    member = Client()
    member.force_login(people.member(name="格日措").user)
    assert member.get("/packages/shell/").content == stranger


def test_a_package_page_lists_lessons_and_quiz(built):
    package = built.package
    page = html.unescape(Client().get(f"/packages/{package.package_id}/").content.decode())
    for words in (package.title, "羔羊接生", "草原防火", package.quiz.title):
        assert words in page
    data = embedded(page, "package-data")
    assert [lesson["material"] for lesson in data["lessons"]] == built.materials
    assert data["quizzes"] == [{"material": str(package.quiz.material_id), "title": package.quiz.title}]


def test_the_public_reads_the_words_that_were_signed_until_the_next_build(built):
    package, campaign = built.package, built.package.campaign
    signed = (package.title, campaign.name)
    type(package).objects.filter(pk=package.pk).update(title="没有人看过的标题")
    type(campaign).objects.filter(pk=campaign.pk).update(name="没有人看过的活动")
    [listed] = Client().get("/api/v1/packages/").json()["packages"]
    assert (listed["title"], listed["campaign"]) == signed
    for address in ("/packages/", f"/packages/{package.package_id}/"):
        page = Client().get(address).content.decode()
        assert signed[0] in page
        assert "没有人看过" not in page
    rebuild()
    assert not search_materials("没有人看过").results or search_materials("没有人看过").relaxed


def test_a_lesson_page_plays_without_javascript(built):
    page = Client().get(f"/packages/{built.package.package_id}/lessons/{built.materials[0]}/").content.decode()
    lesson = Lesson.objects.get(translation_key=built.materials[0])
    for element, rung in (("audio", "aac-24"), ("video", "muxed-240")):
        source = html.unescape(re.search(rf'<{element} controls[^>]* src="([^"]+)"', page)[1])
        found = lesson.video.media_source.renditions.get(name=rung)
        assert source.startswith(f"/b/{found.sha256[:2]}/{found.sha256}")


def test_a_quiz_page_shows_questions_in_both_languages(built):
    page = Client().get(f"/packages/{built.package.package_id}/quiz/{built.package.quiz.material_id}/").content.decode()
    assert "羔羊先喝什么" in page
    assert "ལུ་གུ" in page


def test_a_lesson_that_was_taken_down_leaves_the_pages_at_once(built):
    Lesson.objects.filter(translation_key=built.materials[0]).update(live=False)
    assert "羔羊接生" not in Client().get(f"/packages/{built.package.package_id}/").content.decode()
    address = f"/packages/{built.package.package_id}/lessons/{built.materials[0]}/"
    assert Client().get(address).status_code == 404


def test_a_package_page_costs_few_queries(built, django_assert_max_num_queries):
    client = Client()
    client.get(f"/packages/{built.package.package_id}/")
    with django_assert_max_num_queries(18):
        client.get(f"/packages/{built.package.package_id}/")


def test_the_service_worker_may_control_the_whole_site_and_is_always_asked_for_again(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert Client().get("/sw.js").status_code == 404
    (tmp_path / "web" / "dist").mkdir(parents=True)
    (tmp_path / "web" / "dist" / "sw.js").write_text("self.x = 1;")
    response = Client().get("/sw.js")
    assert response["Service-Worker-Allowed"] == "/"
    assert response["Cache-Control"] == "no-cache"
    assert response["Content-Type"].startswith("text/javascript")
