"""`kill -9` in the midst of a build, at every kind of step: what is published stays whole, the next build completes."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured

from cms.lessons.models import Lesson
from offline.packages import rules, services
from offline.packages.models import OfflinePackage, PackageBuild
from offline.packages.repository import default_publisher
from offline.packages.verification import TreeVerifier, VerifiedPackage
from tests.factories import offline as factory
from tests.factories import people
from tests.integration.offline.mortal import Mortal

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = 20
"""Kills spread evenly over all steps of a build."""


def published() -> list[VerifiedPackage]:
    """What an ordinary TUF client, which has nothing but the first root, finds; it checks every byte."""
    tree = Path(configured.PUBLIC_TREE_DIR)
    return TreeVerifier(trusted_root=default_publisher().trusted_root(), folder=tree).verify()


def edited_and_requested(package: OfflinePackage, title: str) -> PackageBuild:
    """A new title for one lesson: a new manifest of it and of the package."""
    Lesson.objects.filter(pk=package.package_lessons.first().lesson_id).update(title=title)
    return services.request_build(package, dispatch=lambda _build: None)


def finish_what_was_left() -> None:
    """What the sweeper and the next worker do once the dead one's lease, or its task, is given up for lost."""
    later = datetime.now(UTC) + max(rules.BUILD_LEASE, rules.REDISPATCH_AFTER) + timedelta(seconds=1)
    handed_out: list[int] = []
    services.sweep_builds(clock=lambda: later, dispatch=handed_out.append)
    for build_id in handed_out:
        assert services.run_build(build_id, clock=lambda: later, dispatch=lambda _build: None) == "published"


def test_wherever_a_build_is_killed_the_tree_is_whole_and_the_next_build_completes(mortal: Mortal) -> None:
    package = factory.package(factory.lesson(), factory.lesson(case=True), quiz=people.quiz())
    mortal.build(edited_and_requested(package, "首版，也造出密钥和空库").pk)
    status, steps = mortal.build(edited_and_requested(package, "数一数要几步").pk)
    assert (status, [found.manifest.version for found in published()]) == (0, [2])
    assert steps > POINTS
    seen_old, seen_new = 0, 0
    for point in range(1, steps + 1, -(-steps // POINTS)):
        [before] = published()
        requested = edited_and_requested(package, f"第 {point} 版")
        assert mortal.build(requested.pk, killed_before=point)[0] == -signal.SIGKILL, f"step {point} of {steps}"

        [found] = published()
        seen_old += found == before
        seen_new += found != before
        assert found.manifest.version in (before.manifest.version, before.manifest.version + 1)

        finish_what_was_left()
        requested.refresh_from_db()
        [after] = published()
        assert requested.state == PackageBuild.State.PUBLISHED
        assert after.manifest.version == requested.version == before.manifest.version + 1
        assert (after.manifest == found.manifest) == (found != before), "what was signed already is not signed again"
    assert seen_old
    assert seen_new, "some kills came after the signature"


def test_the_very_first_build_may_die_anywhere_too(mortal: Mortal, tmp_path: Path) -> None:
    package = factory.package(factory.lesson())
    requested = edited_and_requested(package, "首版")
    for point in (1, 12, 30):
        assert mortal.build(requested.pk, killed_before=point)[0] == -signal.SIGKILL
        assert len(published()) <= 1
        PackageBuild.objects.filter(pk=requested.pk).update(heartbeat_at=datetime.now(UTC) - 2 * rules.BUILD_LEASE)
    assert mortal.build(requested.pk)[0] == 0
    assert [found.manifest.version for found in published()] == [1]
