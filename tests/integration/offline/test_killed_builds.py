"""`kill -9` in the midst of a build, at every kind of step: what is published stays whole, the next build completes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from cms.lessons.models import Lesson
from offline.packages import rules, services
from offline.packages.models import OfflinePackage, PackageBuild
from offline.packages.repository import default_publisher
from offline.packages.verification import TreeVerifier, VerifiedPackage
from tests.factories import offline as factory
from tests.factories import people

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = ("OBJECTS_DIR", "PUBLIC_TREE_DIR", "KEYS_DIR", "WORK_DIR", "MEDIA_ROOT")
POINTS = 20
"""Kills spread evenly over all steps of a build."""


class Builders:
    """The process that builds and dies."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def build(self, build_id: int, *, killed_before: int = 0) -> tuple[int, int]:
        """Run the build in a child; its exit status and how many steps it took."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{build_id} {killed_before}\n")
        self._process.stdin.flush()
        status, steps = map(int, self._process.stdout.readline().split())
        return status, steps


@pytest.fixture
def builders(own_folders: None, tmp_path: Path) -> Iterator[Builders]:
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    changes = {
        "database": {name: str(connection.settings_dict.get(name) or "") for name in names},
        "rooms": {name: str(getattr(configured, name)) for name in ROOMS},
        "root": str(tmp_path),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.offline.build_process", json.dumps(changes)],
        cwd=configured.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Builders(process)


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


def test_wherever_a_build_is_killed_the_tree_is_whole_and_the_next_build_completes(builders: Builders) -> None:
    package = factory.package(factory.lesson(), factory.lesson(case=True), quiz=people.quiz())
    builders.build(edited_and_requested(package, "首版，也造出密钥和空库").pk)
    status, steps = builders.build(edited_and_requested(package, "数一数要几步").pk)
    assert (status, [found.manifest.version for found in published()]) == (0, [2])
    assert steps > POINTS
    seen_old, seen_new = 0, 0
    for point in range(1, steps + 1, -(-steps // POINTS)):
        [before] = published()
        requested = edited_and_requested(package, f"第 {point} 版")
        assert builders.build(requested.pk, killed_before=point)[0] == -signal.SIGKILL, f"step {point} of {steps}"

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


def test_the_very_first_build_may_die_anywhere_too(builders: Builders, tmp_path: Path) -> None:
    package = factory.package(factory.lesson())
    requested = edited_and_requested(package, "首版")
    for point in (1, 12, 30):
        assert builders.build(requested.pk, killed_before=point)[0] == -signal.SIGKILL
        assert len(published()) <= 1
        PackageBuild.objects.filter(pk=requested.pk).update(heartbeat_at=datetime.now(UTC) - 2 * rules.BUILD_LEASE)
    assert builders.build(requested.pk)[0] == 0
    assert [found.manifest.version for found in published()] == [1]
