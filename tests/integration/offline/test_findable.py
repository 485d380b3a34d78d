"""A package is found once it is published, by its title and by what it holds."""

from __future__ import annotations

import pytest

from offline.packages.services import request_build, run_build
from search.selectors import search_materials
from search.services import rebuild
from tests.factories import offline as make

pytestmark = pytest.mark.django_db(transaction=True)


def titles(text: str) -> list[str]:
    return [result.title for result in search_materials(text).results if result.kind == "package"]


def test_a_package_is_found_from_its_first_published_version_on() -> None:
    lesson = make.lesson(title="冬季接羔保育")
    package = make.package(lesson, title="曲麻莱冬春训资源包")
    assert titles("冬春训资源包") == []
    build = request_build(package, dispatch=lambda _build: None)
    assert run_build(build.pk) == "published"
    assert titles("冬春训资源包") == titles("接羔") == ["曲麻莱冬春训资源包"]
    (result,) = [each for each in search_materials("冬春训资源包").results if each.kind == "package"]
    assert result.url == f"/packages/{package.package_id}/"
    assert result.kind_label == "资源包"
    rebuild()
    assert titles("冬春训资源包") == ["曲麻莱冬春训资源包"]
    package.builds.all().delete()
    package.delete()
    assert titles("冬春训资源包") == []
