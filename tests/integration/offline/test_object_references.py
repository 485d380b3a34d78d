"""What content and packages refer to is never collected: live, old and unpublished revisions, signed manifests."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from cms.lessons import publication
from cms.lessons.models import Lesson
from media_pipeline import garbage
from media_pipeline.objects import default_store
from media_pipeline.publication import default_tree
from offline.packages import holding, manifest, services
from offline.packages.errors import PackageError
from offline.packages.models import PackageBuild
from offline.packages.repository import default_publisher
from offline.packages.verification import TreeVerifier
from tests.factories import offline as factory

pytestmark = pytest.mark.django_db(transaction=True)

YEAR_S = 365 * 24 * 3600.0


def no_dispatch(build_id: int) -> None:
    """A worker that comes when the test calls it."""


def run_builds() -> None:
    while build := PackageBuild.objects.unfinished().first():
        services.run_build(build.pk, dispatch=no_dispatch)


def collect_twice() -> None:
    """Two runs, a year and two years from now: whatever has no reference is gone."""
    store, tree = default_store(), default_tree()
    for number in (1, 2):
        now = time.time() + number * 2 * YEAR_S
        garbage.collect(store, public=lambda: set(tree.hashes()), now=now, grace_s=YEAR_S, delete=True)


def test_a_signed_package_stays_whole_and_what_nobody_names_goes() -> None:
    package = factory.package(factory.lesson(), factory.lesson())
    services.request_build(package, dispatch=no_dispatch)
    run_builds()
    stray = default_store().put_bytes(b"an object that nobody names")
    before = set(default_store().hashes()) - {stray}
    collect_twice()
    assert stray not in set(default_store().hashes())
    [verified] = TreeVerifier(
        trusted_root=default_publisher().trusted_root(), folder=Path(settings.PUBLIC_TREE_DIR)
    ).verify()
    assert verified.objects > 0
    # The package's own objects are all among what was there before; nothing public was touched.
    assert set(default_tree().hashes()) <= set(default_store().hashes()) <= before


def test_a_lesson_taken_down_keeps_its_objects_so_that_it_can_be_published_again() -> None:
    lesson = factory.lesson()
    objects = publication.objects_of(Lesson.objects.get(pk=lesson.pk).media_pins)
    Lesson.objects.get(pk=lesson.pk).unpublish()
    assert not default_tree().published(objects)
    collect_twice()
    assert objects <= set(default_store().hashes())


def test_what_only_an_old_revision_pins_stays() -> None:
    lesson = Lesson.objects.get(pk=factory.lesson().pk)
    subtitle = default_store().put_bytes(b"WEBVTT\n\nonce")
    lesson.media_pins = {**lesson.media_pins, "subtitle": {"zh-hans": subtitle}}
    content = lesson.serializable_data()
    revision = lesson.save_revision()
    type(revision).objects.filter(pk=revision.pk).update(content=content)
    assert subtitle not in str(Lesson.objects.get(pk=lesson.pk).media_pins)
    collect_twice()
    assert default_store().read(subtitle, limit=100) == b"WEBVTT\n\nonce"


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"{}")])
def test_a_manifest_that_cannot_be_read_stops_the_collection(damage: Callable[[Path], object]) -> None:
    package = factory.package(factory.lesson())
    services.request_build(package, dispatch=no_dispatch)
    run_builds()
    [path] = (Path(settings.PUBLIC_TREE_DIR) / "pkg").glob("*/*.json")
    [lesson] = manifest.parse_package(path.read_bytes()).lessons
    store = default_store()
    stored = store.path(lesson.sha256)
    holding._objects_in.cache_clear()
    damage(stored)
    stray = store.put_bytes(b"an object that nobody names")
    with pytest.raises((OSError, ValueError, PackageError)):
        collect_twice()
    assert stray in set(store.hashes())
