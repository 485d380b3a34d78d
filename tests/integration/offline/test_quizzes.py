"""Quizzes in packages: only reviewed ones are packed, and a package's pages show what was signed."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from education.classroom.models import Quiz
from media_pipeline.objects import default_store
from offline.packages import contents, services
from offline.packages.errors import QuizNotPublished
from offline.packages.manifest import parse_package
from offline.packages.models import OfflinePackage, PackageBuild
from offline.packages.repository import default_publisher
from offline.packages.signing import target_path
from tests.factories import cms, people
from tests.factories import offline as factory

pytestmark = pytest.mark.django_db


def build(package: OfflinePackage) -> PackageBuild:
    asked = services.request_build(package, dispatch=lambda build_id: None)
    services.run_build(asked.pk, dispatch=lambda build_id: None)
    return PackageBuild.objects.get(pk=asked.pk)


def signed(package: OfflinePackage) -> tuple[dict[str, dict], list[str]]:
    """Documents of the quizzes in the newest signed manifest by material, and what it recalls."""
    publisher = default_publisher()
    path = target_path(package.campaign.organisation.code, str(package.package_id))
    manifest = parse_package(publisher.read_target(publisher.current_target(path)))
    documents = [json.loads(default_store().read(quiz.sha256, limit=2**20)) for quiz in manifest.quizzes]
    return {each["quiz"]: each for each in documents}, [str(material) for material in manifest.recalled]


def page(package: OfflinePackage, quiz: Quiz) -> str:
    return Client().get(f"/packages/{package.package_id}/quiz/{quiz.material_id}/").content.decode()


def retitle(quiz: Quiz, title: str, *, published: bool) -> None:
    author = cms.make_editor()
    draft = Quiz.objects.get(pk=quiz.pk).get_latest_revision_as_object()
    draft.title = title
    draft.save_revision(user=author)
    if published:
        cms.publish(Quiz.objects.get(pk=quiz.pk), author)


def test_a_package_with_a_quiz_that_nobody_reviewed_is_not_built():
    package = factory.package(factory.lesson(), quiz=people.quiz(published=False, title="没审的测验"))
    with pytest.raises(QuizNotPublished) as refusal:
        services.request_build(package)
    assert "没审的测验" in refusal.value.zh


def test_an_unreviewed_quiz_of_a_lesson_is_left_out():
    lesson = factory.lesson()
    people.quiz(published=False)
    Quiz.objects.update(lesson_material_id=lesson.translation_key)
    package = factory.package(lesson)
    build(package)
    assert signed(package)[0] == {}


def test_a_draft_of_a_published_quiz_is_not_packed():
    quiz = people.quiz(title="已审")
    retitle(quiz, "草稿", published=False)
    package = factory.package(factory.lesson(), quiz=quiz)
    build(package)
    assert signed(package)[0][str(quiz.material_id)]["title"] == "已审"


def test_a_packages_pages_show_the_quiz_as_it_was_signed_until_the_next_build():
    quiz = people.quiz(title="第一版")
    package = factory.package(factory.lesson(), quiz=quiz)
    build(package)
    retitle(quiz, "第二版", published=True)
    assert "第二版" in Client().get(f"/quiz/{quiz.material_id}/").content.decode()
    for _number, title in ((1, "第一版"), (2, "第二版")):
        assert signed(package)[0][str(quiz.material_id)]["title"] == title
        assert contents.quiz_of_package(package.package_id, quiz.material_id)["title"] == title
        assert title in page(package, quiz)
        assert title in Client().get(f"/packages/{package.package_id}/").content.decode()
        build(package)


def test_a_take_down_leaves_the_pages_at_once_and_the_package_with_the_next_version():
    quiz = people.quiz(title="要下架的测验")
    package = factory.package(factory.lesson(), quiz=quiz)
    build(package)
    Quiz.objects.get(pk=quiz.pk).unpublish()
    assert "要下架的测验" not in Client().get(f"/packages/{package.package_id}/").content.decode()
    assert Client().get(f"/packages/{package.package_id}/quiz/{quiz.material_id}/").status_code == 404
    services.run_build(PackageBuild.objects.unfinished().get().pk, dispatch=lambda build_id: None)
    assert signed(package) == ({}, [str(quiz.material_id)])


def test_an_editor_chooses_a_reviewed_quiz_while_composing():
    quiz = people.quiz(title="接羔知识")
    editor = Client()
    editor.force_login(cms.make_editor())
    form = editor.get("/admin/snippets/packages/offlinepackage/add/").content.decode()
    chooser = re.search(r'data-chooser-url="([^"]*quiz[^"]*)"', form)[1]
    choices = editor.get(chooser).json()["html"]
    assert "接羔知识" in choices
    chosen = re.search(rf'href="([^"]*chosen/{quiz.pk}/[^"]*)"', choices)[1]
    assert editor.get(chosen).json()["result"]["string"] == "接羔知识"
