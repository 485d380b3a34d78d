"""A lesson that is encoded again with a newer ladder: its packages stay whole, the next build ships the new objects."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from cms.lessons import publication
from media_pipeline import jobs
from media_pipeline.jobs import Lease
from media_pipeline.models import TranscodeJob
from media_pipeline.publication import default_tree, reconcile
from media_pipeline.serving import GRACE
from offline.packages import services
from offline.packages.holding import PackageHolder
from offline.packages.models import OfflinePackage, PackageBuild
from offline.packages.repository import default_publisher
from offline.packages.verification import TreeVerifier, VerifiedPackage
from tests.factories import offline as factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """Runs what waits for the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def built(package: OfflinePackage) -> PackageBuild:
    requested = services.request_build(package, dispatch=lambda _build: None)
    services.run_build(requested.pk, dispatch=lambda _build: None)
    requested.refresh_from_db()
    return requested


def verified(settings) -> list[VerifiedPackage]:
    """Every package of the public tree, each object of it read; raises where one is damaged."""
    tree = Path(settings.PUBLIC_TREE_DIR)
    return list(TreeVerifier(trusted_root=default_publisher().trusted_root(), folder=tree).verify())


def test_a_package_made_before_stays_whole_and_the_next_build_ships_the_new_renditions(settings, commits) -> None:
    with commits():
        lesson = factory.lesson()
        package = factory.package(lesson)
        assert built(package).state == PackageBuild.State.PUBLISHED
    source = lesson.video.media_source
    before = PackageHolder().named()
    job = TranscodeJob.objects.create(source=source, preset_version="2099.1")
    lease = jobs.take(job.pk, "worker")
    assert isinstance(lease, Lease)
    with commits():
        new = {factory.rendition(source, name, scale=2, version="2099.1").sha256 for name in factory.RUNGS}
        lease.finish()
    TranscodeJob.objects.filter(source=source).update(finished_at=timezone.now() - GRACE)
    with commits():
        publication.let_go_of_replaced()
    assert set(source.renditions.values_list("preset_version", flat=True)) == {"2099.1"}
    reconcile()
    assert before and all(default_tree().is_published(sha256) for sha256 in before)
    assert not new & before
    [made_before] = verified(settings)

    with commits():
        assert built(package).state == PackageBuild.State.PUBLISHED
    assert new & PackageHolder().named()
    [made_after] = verified(settings)
    assert made_after.length > made_before.length
