"""Packages, drafts and take-downs where objects lie in a bucket: the same code, on one machine and on several."""

from __future__ import annotations

import shutil
import urllib.request
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from cms.lessons import publication
from cms.lessons.models import Lesson
from media_pipeline.objects import default_store
from media_pipeline.publication import Settled, default_tree, reconcile
from media_pipeline.publication_s3 import S3Tree
from offline.packages import holding, services
from offline.packages.models import OfflinePackage, PackageBuild
from tests.factories import offline as factory
from tests.factories import people
from tests.integration.media_pipeline.stores import fresh_bucket
from tests.services.s3 import S3
from tests.services.web_server import WebServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own(s3: S3, settings) -> S3:
    """An installation whose objects lie in a bucket of their own."""
    own = fresh_bucket(s3)
    storage = {"BACKEND": "media_pipeline.s3_storage.ClassedS3Storage", "OPTIONS": own.options()}
    settings.STORAGES = {**settings.STORAGES, "objects": storage}
    holding._objects_in.cache_clear()
    holding._package.cache_clear()
    return own


def no_dispatch(build_id: int) -> None:
    """A worker that comes when the test calls it."""


def build(package: OfflinePackage) -> str:
    request = services.request_build(package, dispatch=no_dispatch)
    return services.run_build(request.pk, dispatch=no_dispatch)


def test_a_package_is_built_verified_and_loses_a_lesson_that_is_taken_down(
    own: S3, web_server: WebServer, settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = factory.lesson(), factory.lesson()
    package = factory.package(first, second)
    assert build(package) == "published"
    tree = default_tree()
    assert isinstance(tree, S3Tree)
    assert not list(Path(settings.PUBLIC_TREE_DIR).glob("b/*/*"))
    # A stranger's phone checks every byte through the web process.
    settings.WAGTAILADMIN_BASE_URL = web_server.url
    call_command("verify_package")
    assert "all right" in capsys.readouterr().out
    objects = publication.objects_of(Lesson.objects.get(pk=second.pk).media_pins)
    assert tree.published(objects) == objects
    Lesson.objects.get(pk=second.pk).unpublish()
    assert not tree.published(objects)
    for unfinished in PackageBuild.objects.unfinished():
        services.run_build(unfinished.pk, dispatch=no_dispatch)
    call_command("verify_package")
    assert reconcile() == Settled(0, 0)


def test_a_machine_without_the_signed_tree_withdraws_nothing_that_another_hands_out(settings, tmp_path: Path) -> None:
    package = factory.package(factory.lesson())
    assert build(package) == "published"
    tree = default_tree()
    before = set(tree.hashes())
    assert before >= holding.PackageHolder().named()
    shutil.move(str(settings.PUBLIC_TREE_DIR), tmp_path / "the signing machine")
    holding._package.cache_clear()
    assert holding.PackageHolder().named() <= before
    assert reconcile() == Settled(0, 0)
    assert set(tree.hashes()) == before


def test_a_draft_is_shown_by_range_and_where_browsers_reach_the_store_by_a_signed_address(
    own: S3, client: Client, settings
) -> None:
    sha256 = default_store().put_bytes(b"a draft's sound")
    client.force_login(people.user(is_staff=True, is_superuser=True))
    path = f"{reverse('lessons_media:object', args=[sha256])}?type=audio/mp4"
    answer = client.get(path, headers={"Range": "bytes=2-6"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"draft")
    assert b"".join(client.get(path).streaming_content) == b"a draft's sound"
    settings.S3_PUBLIC_ENDPOINT = own.endpoint
    redirect = client.get(path)
    assert redirect.status_code == 302
    assert "no-store" in redirect["Cache-Control"]
    with urllib.request.urlopen(redirect["Location"], timeout=10) as sent:
        assert (sent.read(), sent.headers["Content-Type"]) == (b"a draft's sound", "audio/mp4")
    assert Client().get(path).status_code == 302
    assert own.endpoint not in Client().get(path)["Location"]
