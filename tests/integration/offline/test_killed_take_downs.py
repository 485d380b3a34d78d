"""`kill -9` in the midst of a take-down: the next worker leaves nothing public that is not live."""

from __future__ import annotations

import signal

import pytest

from cms.lessons import publication
from cms.lessons.models import Lesson
from cms.lessons.receivers import reconcile
from media_pipeline.publication import default_tree
from offline.packages import recall, services
from offline.packages.models import PackageBuild
from offline.packages.repository import default_publisher
from tests.factories import offline as factory
from tests.integration.offline.mortal import Mortal

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = 20
"""Kills spread evenly over all steps of a take-down."""


def public_objects(lesson: Lesson) -> set[bool]:
    """Whether the lesson's objects are public: one answer if they agree."""
    tree = default_tree()
    return {tree.is_published(sha256) for sha256 in publication.objects_of(lesson.media_pins)}


def run_builds() -> None:
    for build in PackageBuild.objects.unfinished():
        assert services.run_build(build.pk, dispatch=lambda _build: None) == "published"


def test_wherever_a_take_down_is_killed_nothing_stays_public_that_is_not_live(mortal: Mortal) -> None:
    first, counted, *lessons = (factory.lesson() for _number in range(POINTS + 3))
    package = factory.package(first, counted, *lessons)
    services.request_build(package, dispatch=lambda _build: None)
    run_builds()
    # The first one also asks for the build; every later one takes the same steps.
    assert mortal.unpublish(first.pk)[0] == 0
    status, steps = mortal.unpublish(counted.pk)
    assert (status, public_objects(counted)) == (0, {False})
    assert steps > POINTS
    outcomes = set()
    for lesson, point in zip(lessons, range(1, steps + 1, -(-steps // POINTS)), strict=False):
        assert mortal.unpublish(lesson.pk, killed_before=point)[0] == -signal.SIGKILL, f"step {point} of {steps}"
        live = Lesson.objects.get(pk=lesson.pk).live
        outcomes.add((live, *public_objects(lesson)))
        reconcile()
        assert public_objects(lesson) == {live}, f"step {point} of {steps}"
    assert {(True, True), (False, True)} <= outcomes, "some kills came before the commit, some between it and the tree"

    recall.reconcile_packages(dispatch=lambda _build: None)
    run_builds()
    [target] = default_publisher().targets()
    held = PackageBuild.objects.published().first().held
    live = set(Lesson.objects.live().values_list("translation_key", flat=True))
    assert held == {lesson.translation_key for lesson in lessons} & live
    assert held
    assert target.sha256 == PackageBuild.objects.published().first().manifest_sha256
